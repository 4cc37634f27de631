#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace auditflow::correlate {

/// A sum of doubles without any rounding, from which terms can be taken away again.
///
/// A fixed-point number wide enough for every finite double (Kulisch's long accumulator): digits of
/// 32 bits in 64-bit words, so that additions touch three words and carries wait until the sum is
/// read. The sum read is the exact sum rounded once, to nearest even; it does not depend on the
/// order of additions and never drifts. `Add` is O(1); `Value` walks the digits that were touched.
class ExactSum {
 public:
  /// Requires a finite term.
  void Add(double term) { Accumulate(term, 1); }
  void Subtract(double term) { Accumulate(term, -1); }
  /// Infinite if the exact sum lies beyond the largest double.
  [[nodiscard]] double Value();

 private:
  // Doubles span 2^-1074 to 2^1024; four digits more hold what 2^64 terms can carry.
  static constexpr std::size_t kDigits = (1074 + 1024) / 32 + 4;

  void Accumulate(double term, int sign);
  void Normalize();
  void Trim();

  std::array<std::int64_t, kDigits> digits_{};
  std::size_t low_ = kDigits;  // digits outside [low_, high_] are zero
  std::size_t high_ = 0;
  std::uint32_t additions_ = 0;  // since the last Normalize
};

}  // namespace auditflow::correlate
