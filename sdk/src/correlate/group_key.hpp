#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auditflow/event/value.hpp"

namespace auditflow::correlate {

/// The one text that stands for a scalar when values are compared as text; nothing for null, arrays
/// and objects.
std::optional<std::string> CanonicalText(event::Value value);

/// A value of at most 512 bytes: a longer one is cut, and "…" with a digest of the whole follows.
std::string Shorten(std::string text);

/// A tuple as text such that different tuples differ: `<length>:<value>` for each, `-` for null.
class GroupKeyBuilder {
 public:
  void Append(const std::optional<std::string>& value);
  [[nodiscard]] std::string Take() { return std::move(key_); }

 private:
  std::string key_;
};

/// The values of an encoded tuple, nulls as empty text. What is malformed ends it.
std::vector<std::string> DecodeGroupKey(std::string_view key);

}  // namespace auditflow::correlate
