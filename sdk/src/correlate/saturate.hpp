#pragma once

#include <cstdint>
#include <limits>

namespace auditflow::correlate {

/// a − b, held at the ends of the range.
inline std::int64_t SaturatingSubtract(std::int64_t a, std::int64_t b) {
  std::int64_t difference = 0;
  if (!__builtin_sub_overflow(a, b, &difference)) return difference;
  return b > 0 ? std::numeric_limits<std::int64_t>::min()
               : std::numeric_limits<std::int64_t>::max();
}

}  // namespace auditflow::correlate
