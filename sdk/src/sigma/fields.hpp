#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "auditflow/sigma/node.hpp"

#include "src/sigma/reporter.hpp"

/// Reading of typed values; each reports "wrong-type" with the key's name if the type is another.
namespace auditflow::sigma {

/// "a list", "a map", "null", "the number 5" …
std::string Describe(const Node& node);

void WrongType(const Node& value, std::string_view key, std::string_view expected,
               Reporter& reporter);

/// A string of at most `max_characters` characters.
bool ReadString(Node& value, std::string_view key, std::size_t max_characters, std::string& out,
                Reporter& reporter);

/// A list of strings. A single string is taken as a list of one: with a warning if
/// `warn_on_single`.
bool ReadStrings(Node& value, std::string_view key, bool warn_on_single,
                 std::vector<std::string>& out, Reporter& reporter);

bool ReadBool(const Node& value, std::string_view key, bool& out, Reporter& reporter);

/// A string that is one of `words`; `*index` says which.
bool ReadWord(const Node& value, std::string_view key, std::span<const std::string_view> words,
              std::size_t* index, Reporter& reporter);

}  // namespace auditflow::sigma
