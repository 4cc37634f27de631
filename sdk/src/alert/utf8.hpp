#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace auditflow::alert {

/// The length in code points; nothing if `text` is not UTF-8 as RFC 3629 defines it.
std::optional<std::size_t> CountCodePoints(std::string_view text);

/// Makes `text` storable: each sequence that is not UTF-8 and each NUL becomes U+FFFD, and what
/// goes beyond `width` code points is cut off (0: no limit).
void MakeStorable(std::string& text, std::size_t width);

}  // namespace auditflow::alert
