#include "src/event/scan_number.hpp"

#include <charconv>
#include <cstdint>
#include <system_error>

namespace auditflow::event {
namespace {

bool IsDigit(std::string_view text, std::size_t at) {
  return at < text.size() && text[at] >= '0' && text[at] <= '9';
}

bool IsAnyOf(std::string_view text, std::size_t at, std::string_view set) {
  return at < text.size() && set.find(text[at]) != std::string_view::npos;
}

std::size_t SkipDigits(std::string_view text, std::size_t at) {
  while (IsDigit(text, at)) ++at;
  return at;
}

template <class Integer>
bool Fits(std::string_view text) {
  Integer value = 0;
  return std::from_chars(text.data(), text.data() + text.size(), value).ec == std::errc();
}

/// Whether a number that `from_chars` cannot represent is too large, not too small.
bool IsHuge(std::string_view number) {
  // The place of the first significant digit, as a power of ten.
  const std::size_t exponent_at = number.find_first_of("eE");
  const std::string_view mantissa = number.substr(0, exponent_at);
  const std::size_t point = mantissa.find('.');
  const std::size_t integer_end = point == std::string_view::npos ? mantissa.size() : point;
  const std::size_t significant = mantissa.find_first_of("123456789");
  if (significant == std::string_view::npos) return false;
  const bool negative_exponent =
      exponent_at != std::string_view::npos && number[exponent_at + 1] == '-';
  const auto place =
      static_cast<std::int64_t>(integer_end) - static_cast<std::int64_t>(significant);
  if (exponent_at == std::string_view::npos) return place > 0;
  std::string_view digits = number.substr(exponent_at + 1);
  if (digits[0] == '+' || digits[0] == '-') digits.remove_prefix(1);
  std::int64_t exponent = 0;
  if (std::from_chars(digits.data(), digits.data() + digits.size(), exponent).ec != std::errc()) {
    return !negative_exponent;
  }
  // Both are far from the ends of int64: the document would not fit into memory otherwise.
  return negative_exponent ? place > exponent : exponent > -place;
}

bool IsBeyondDouble(std::string_view number) {
  double value = 0;
  const auto result = std::from_chars(number.data(), number.data() + number.size(), value);
  return result.ec == std::errc::result_out_of_range && IsHuge(number);
}

NumberScan FaultAt(std::size_t at, const char* reason) { return {0, reason, at}; }

}  // namespace

NumberScan ScanNumber(std::string_view text) {
  const std::size_t first = text[0] == '-' ? 1 : 0;
  if (!IsDigit(text, first)) return FaultAt(first, "a digit is expected after the minus");
  std::size_t at = text[first] == '0' ? first + 1 : SkipDigits(text, first);
  if (IsDigit(text, at)) return FaultAt(first, "a number with a leading zero");
  bool integer = true;
  if (IsAnyOf(text, at, ".")) {
    integer = false;
    if (!IsDigit(text, ++at)) return FaultAt(at, "a digit is expected after the decimal point");
    at = SkipDigits(text, at);
  }
  if (IsAnyOf(text, at, "eE")) {
    integer = false;
    if (IsAnyOf(text, ++at, "+-")) ++at;
    if (!IsDigit(text, at)) return FaultAt(at, "a digit is expected in the exponent");
    at = SkipDigits(text, at);
  }
  const std::string_view number = text.substr(0, at);
  if (at < text.size() && !IsAnyOf(text, at, " \t\n\r,:[]{}")) {
    return FaultAt(at, "a character that cannot be part of a number");
  }
  if (integer && !Fits<std::int64_t>(number) && !Fits<std::uint64_t>(number)) {
    return FaultAt(0, "an integer beyond 64 bits");
  }
  if (!integer && IsBeyondDouble(number)) return FaultAt(0, "a number beyond the range of double");
  return {at, nullptr, 0};
}

}  // namespace auditflow::event
