#include "src/correlate/exact_sum.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <span>

namespace auditflow::correlate {
namespace {

constexpr int kDigitBits = 32;
constexpr std::int64_t kDigitMask = 0xFFFF'FFFF;
constexpr int kMantissaBits = 52;
constexpr int kLowestExponent = -1074;
// Each addition changes a digit by less than 2^32: the words have room for 2^31 of them.
constexpr std::uint32_t kMaxAdditions = 1U << 30U;

struct Parts {
  std::uint64_t mantissa;
  unsigned position;  ///< of the mantissa's lowest bit, counted from 2^-1074
  bool negative;
};

Parts Split(double term) {
  const auto bits = std::bit_cast<std::uint64_t>(term);
  const std::uint64_t fraction = bits & ((std::uint64_t{1} << kMantissaBits) - 1);
  const auto exponent = static_cast<unsigned>((bits >> kMantissaBits) & 0x7FFU);
  const bool negative = (bits >> 63U) != 0;
  if (exponent == 0) return {fraction, 0, negative};
  return {fraction | (std::uint64_t{1} << kMantissaBits), exponent - 1, negative};
}

/// `digits` as a double, rounded once to nearest even: the highest 64 bits with a sticky bit for
/// all that lies below them. `position` is that of the first digit, counted in digits from 2^-1074.
double Round(std::span<const std::uint64_t> digits, std::size_t position) {
  __extension__ using Wide = unsigned __int128;
  std::size_t top = digits.size() - 1;
  while (top > 0 && digits[top] == 0) --top;
  const auto at = [&](std::size_t below) { return below <= top ? Wide{digits[top - below]} : 0; };
  const Wide window = (at(0) << 64U) + (at(1) << 32U) + at(2);
  const auto high = static_cast<std::uint64_t>(window >> 64U);
  if (high == 0) return 0;
  const int shift = 64 - std::countl_zero(high);
  auto mantissa = static_cast<std::uint64_t>(window >> static_cast<unsigned>(shift));
  bool sticky = (window & ((Wide{1} << static_cast<unsigned>(shift)) - 1)) != 0;
  for (std::size_t i = 3; i <= top && !sticky; ++i) sticky = digits[top - i] != 0;
  if (sticky) mantissa |= 1U;
  const int exponent =
      (static_cast<int>(position + top) - 2) * kDigitBits + kLowestExponent + shift;
  return std::ldexp(static_cast<double>(mantissa), exponent);
}

}  // namespace

void ExactSum::Accumulate(double term, int sign) {
  const Parts parts = Split(term);
  if (parts.mantissa == 0) return;
  if (++additions_ == kMaxAdditions) Normalize();
  const std::size_t digit = parts.position / kDigitBits;
  const unsigned shift = parts.position % kDigitBits;
  const std::int64_t factor = parts.negative ? -sign : sign;
  const std::uint64_t low = parts.mantissa << shift;
  const std::uint64_t overflow = shift == 0 ? 0 : parts.mantissa >> (64U - shift);
  digits_[digit] += factor * (static_cast<std::int64_t>(low) & kDigitMask);
  digits_[digit + 1] += factor * static_cast<std::int64_t>(low >> 32U);
  digits_[digit + 2] += factor * static_cast<std::int64_t>(overflow);
  low_ = std::min(low_, digit);
  high_ = std::max(high_, digit + 2);
}

/// Carries upwards, so that each digit but the highest is in [0, 2^32); the highest has the sign.
void ExactSum::Normalize() {
  additions_ = 0;
  if (low_ > high_) return;
  std::int64_t carry = 0;
  for (std::size_t i = low_; i < high_; ++i) {
    const std::int64_t digit = digits_[i] + carry;
    digits_[i] = digit & kDigitMask;
    carry = digit >> kDigitBits;
  }
  digits_[high_] += carry;
  // At most once: a digit has 64 bits.
  const std::int64_t above = digits_[high_] >> kDigitBits;
  if (above != 0 && above != -1) {
    digits_[high_] &= kDigitMask;
    digits_[++high_] = above;
  }
}

void ExactSum::Trim() {
  while (low_ <= high_ && digits_[high_] == 0) {
    if (high_ == 0) break;
    --high_;
  }
  while (low_ < high_ && digits_[low_] == 0) ++low_;
  if (low_ > high_ || digits_[high_] == 0) {
    low_ = kDigits;
    high_ = 0;
  }
}

double ExactSum::Value() {
  Normalize();
  Trim();
  if (low_ > high_) return 0;
  const bool negative = digits_[high_] < 0;
  std::array<std::uint64_t, kDigits> magnitude;  // only [low_, high_] is set and read
  std::int64_t carry = 0;
  for (std::size_t i = low_; i <= high_; ++i) {
    const std::int64_t digit = (negative ? -digits_[i] : digits_[i]) + carry;
    magnitude[i] = static_cast<std::uint64_t>(i == high_ ? digit : digit & kDigitMask);
    carry = i == high_ ? 0 : digit >> kDigitBits;
  }
  const double rounded = Round(std::span(magnitude).subspan(low_, high_ - low_ + 1), low_);
  return negative ? -rounded : rounded;
}

}  // namespace auditflow::correlate
