#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "auditflow/core/timestamp.hpp"

namespace auditflow::sigma {

/// A whole number above 0 and one unit: s, m (minutes), h, d, w, M (a mean Gregorian month of
/// 2,629,746 s), y (twelve of those).
/// @return nothing, and the reason in `*problem`, if it is not that, or longer than about 292
/// years.
std::optional<Duration> ParseTimespan(std::string_view text, std::string* problem);

}  // namespace auditflow::sigma
