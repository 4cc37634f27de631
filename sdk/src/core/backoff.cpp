#include "auditflow/core/backoff.hpp"

#include <algorithm>
#include <cstdint>

namespace auditflow {

Duration Backoff::Next() {
  const Duration zero = Duration::zero();
  const Duration longest = std::max(zero, options_.max);
  Duration cap = std::clamp(options_.base, zero, longest);
  for (unsigned doubled = 0; doubled < attempt_ && cap < longest; ++doubled) {
    cap = cap > longest / 2 ? longest : cap * 2;
  }
  if (attempt_ < 64) ++attempt_;  // an int64 cannot double more often than that
  return Duration(
      static_cast<std::int64_t>(random_.Below(static_cast<std::uint64_t>(cap.count()) + 1)));
}

}  // namespace auditflow
