#include "auditflow/core/timestamp.hpp"

#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "src/core/civil.hpp"
#include "src/core/saturate.hpp"

namespace auditflow {
namespace {

Status DoesNotFit() {
  return OutOfRange("timestamp: outside of 1677-09-21 to 2262-04-11, what nanoseconds can count");
}

/// Nanoseconds in the unit of a Unix number of this size.
std::int64_t UnixUnit(double magnitude) {
  if (magnitude < 1e11) return kNanosPerSecond;
  if (magnitude < 1e14) return 1'000'000;
  if (magnitude < 1e17) return 1'000;
  return 1;
}

Result<Timestamp> Scale(std::int64_t count, std::int64_t unit, std::int64_t rest) {
  std::int64_t nanos = 0;
  if (__builtin_mul_overflow(count, unit, &nanos) || __builtin_add_overflow(nanos, rest, &nanos)) {
    return Error(DoesNotFit());
  }
  return Timestamp::FromUnixNanos(nanos);
}

}  // namespace

Result<Timestamp> Timestamp::Parse(std::string_view text) {
  const Result<WrittenTime> written = ParseWrittenTime(text);
  if (!written) return Error(written.error());
  std::int64_t seconds = written->local_seconds - std::int64_t{written->offset_minutes} * 60;
  std::int64_t nanos = written->nanos;
  if (seconds < 0 && nanos > 0) {
    // Counts down from the next second, so that the first instant of the range does not overflow.
    ++seconds;
    nanos -= kNanosPerSecond;
  }
  return Scale(seconds, kNanosPerSecond, nanos);
}

Result<Timestamp> Timestamp::FromUnixNumber(std::int64_t number) {
  return Scale(number, UnixUnit(std::abs(static_cast<double>(number))), 0);
}

Result<Timestamp> Timestamp::FromUnixNumber(double number) {
  if (!std::isfinite(number)) return Error(InvalidArgument("timestamp: not a finite number"));
  if (std::abs(number) >= 0x1p63) return Error(DoesNotFit());
  const std::int64_t unit = UnixUnit(std::abs(number));
  const double whole = std::floor(number);
  const auto rest =
      static_cast<std::int64_t>(std::llround((number - whole) * static_cast<double>(unit)));
  return Scale(static_cast<std::int64_t>(whole), unit, rest);
}

std::string Timestamp::ToString() const {
  const CivilTime c = ToCivil(*this);
  std::array<char, 40> text{};
  int size = std::snprintf(text.data(), text.size(), "%04d-%02d-%02dT%02d:%02d:%02d", c.year,
                           c.month, c.day, c.hour, c.minute, c.second);
  const std::int64_t signed_nanos = nanos_ % kNanosPerSecond;
  const auto nanos =
      static_cast<long>(signed_nanos < 0 ? signed_nanos + kNanosPerSecond : signed_nanos);
  char* const tail = text.data() + size;
  const std::size_t room = text.size() - static_cast<std::size_t>(size);
  if (nanos % 1000 != 0) {
    size += std::snprintf(tail, room, ".%09ld", nanos);
  } else if (nanos % 1'000'000 != 0) {
    size += std::snprintf(tail, room, ".%06ld", nanos / 1000);
  } else if (nanos != 0) {
    size += std::snprintf(tail, room, ".%03ld", nanos / 1'000'000);
  }
  return std::string(text.data(), static_cast<std::size_t>(size)) + "Z";
}

Timestamp operator+(Timestamp t, Duration d) {
  return Timestamp(SaturatingAdd(t.nanos_, std::int64_t{d.count()}));
}

Timestamp operator-(Timestamp t, Duration d) {
  return Timestamp(SaturatingSubtract(t.nanos_, d.count()));
}

Duration operator-(Timestamp a, Timestamp b) {
  return Duration(SaturatingSubtract(a.nanos_, b.nanos_));
}

}  // namespace auditflow
