#pragma once

#include "auditflow/core/timestamp.hpp"

namespace auditflow::store {

/// The instant cut to what the coarsest store keeps.
inline Timestamp WholeMicroseconds(Timestamp t) {
  using std::chrono::microseconds;
  using std::chrono::nanoseconds;
  const auto whole = std::chrono::duration_cast<microseconds>(nanoseconds(t.unix_nanos()));
  return Timestamp::FromUnixNanos(nanoseconds(whole).count());
}

}  // namespace auditflow::store
