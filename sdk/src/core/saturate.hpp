#pragma once

#include <cstdint>
#include <limits>

#include "auditflow/core/timestamp.hpp"

namespace auditflow {

/// The end of the int64 range that a sum or difference with these signs ran over.
constexpr std::int64_t EndOfRange(bool negative) {
  return negative ? std::numeric_limits<std::int64_t>::min()
                  : std::numeric_limits<std::int64_t>::max();
}

inline std::int64_t SaturatingAdd(std::int64_t a, std::int64_t b) {
  std::int64_t sum = 0;
  return __builtin_add_overflow(a, b, &sum) ? EndOfRange(b < 0) : sum;
}

inline std::int64_t SaturatingSubtract(std::int64_t a, std::int64_t b) {
  std::int64_t difference = 0;
  return __builtin_sub_overflow(a, b, &difference) ? EndOfRange(b > 0) : difference;
}

inline Duration SaturatingAdd(Duration a, Duration b) {
  return Duration(SaturatingAdd(a.count(), b.count()));
}

}  // namespace auditflow
