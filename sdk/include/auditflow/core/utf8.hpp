#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace auditflow {

/// One step through UTF-8 text (RFC 3629): no overlong forms, no surrogates, nothing past U+10FFFF.
struct Utf8Step {
  bool valid = false;
  std::size_t length = 0;  ///< bytes of the character, or of the invalid sequence; at least 1
  char32_t code_point = 0xFFFD;
};

/// Reads the character at the beginning of `text`, which must not be empty. An invalid sequence is
/// as long as Unicode's "maximal subpart" (section 3.9), so that it counts as one U+FFFD.
[[nodiscard]] Utf8Step DecodeUtf8(std::string_view text);

[[nodiscard]] bool IsValidUtf8(std::string_view text);

/// The text with each invalid sequence replaced by U+FFFD.
[[nodiscard]] std::string ReplaceInvalidUtf8(std::string_view text);

/// Appends a code point up to U+10FFFF; a surrogate becomes three bytes that are not valid UTF-8.
void AppendUtf8(char32_t code_point, std::string& out);

/// The longest beginning of `text` that has at most `max_bytes` bytes and cuts no character.
[[nodiscard]] std::string_view CutUtf8(std::string_view text, std::size_t max_bytes);

}  // namespace auditflow
