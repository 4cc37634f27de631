#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace auditflow::api {

/// The texts of an array's elements, at most `max` of them. Knows no more of JSON than strings,
/// brackets and commas: what an element is worth is for a parser to say, so that a bad one does not
/// take the others with it. Needs no call stack for deep documents.
struct JsonElements {
  std::vector<std::string_view> texts;
  bool more = false;  ///< the array goes on; the rest of the text was not looked at
};
/// @return nothing if that is no array with balanced brackets, or something follows it.
std::optional<JsonElements> CutArray(std::string_view json, std::size_t max);

struct JsonMember {
  std::string_view key;  ///< with its quotes and escapes
  std::string_view value;
};
/// The texts of an object's members, likewise.
std::optional<std::vector<JsonMember>> CutObject(std::string_view json, std::size_t max);

}  // namespace auditflow::api
