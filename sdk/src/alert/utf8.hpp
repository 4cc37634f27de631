#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace auditflow::alert {

/// The length in code points; nothing if `text` is not UTF-8 as RFC 3629 defines it.
std::optional<std::size_t> CountCodePoints(std::string_view text);

/// Makes `text` storable: bytes that are not UTF-8 and NUL become U+FFFD, and what goes beyond
/// `width` code points is cut off (0: no limit).
void MakeStorable(std::string& text, std::size_t width);

/// Cuts `text` to at most `max_bytes` without splitting a code point. Requires UTF-8.
std::string_view ClipBytes(std::string_view text, std::size_t max_bytes);

}  // namespace auditflow::alert
