#pragma once

/// What code that uses AVX2 by itself needs: all else is built for any machine of its kind.
#if defined(__x86_64__)

/// Of functions that are called only where `HasAvx2`.
#define AUDITFLOW_AVX2 __attribute__((target("avx2,bmi,bmi2,popcnt")))
#define AUDITFLOW_AVX2_INLINE AUDITFLOW_AVX2 __attribute__((always_inline)) inline

namespace auditflow {

/// Whether this machine has AVX2, and what every machine with it has, too.
inline bool HasAvx2() {
  static const bool has_all =
      __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("bmi") != 0 &&
      __builtin_cpu_supports("bmi2") != 0 && __builtin_cpu_supports("popcnt") != 0;
  return has_all;
}

}  // namespace auditflow

#else

namespace auditflow {

constexpr bool HasAvx2() { return false; }

}  // namespace auditflow

#endif
