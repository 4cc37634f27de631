#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "auditflow/core/result.hpp"

namespace auditflow {

using Duration = std::chrono::nanoseconds;

/// A point in time: nanoseconds since 1970-01-01T00:00:00Z without leap seconds.
/// Holds 1677-09-21 to 2262-04-11; the parsers refuse what lies outside.
///
/// Thread safety: a value type.
class Timestamp {
 public:
  constexpr Timestamp() = default;
  static constexpr Timestamp FromUnixNanos(std::int64_t nanos) { return Timestamp(nanos); }

  /// Reads RFC 3339 and its relatives seen in logs: `T`, `t` or a space between date and time; any
  /// number of fraction digits (cut after nine); `Z`, `z`, `±hh:mm`, `±hhmm`, `±hh`, or no offset,
  /// which is read as UTC; also the malformed `+00:00Z` that some producers send (a zero offset
  /// only: `+02:00Z` contradicts itself). Second 60 is read as the first instant of the next
  /// minute.
  /// @return kInvalidArgument naming the part that is wrong, kOutOfRange for a year that does not
  /// fit.
  static Result<Timestamp> Parse(std::string_view text);

  /// Reads a Unix time whose unit follows from its size: |n| < 1e11 seconds, < 1e14 milliseconds,
  /// < 1e17 microseconds, else nanoseconds.
  static Result<Timestamp> FromUnixNumber(std::int64_t number);
  static Result<Timestamp> FromUnixNumber(double number);

  [[nodiscard]] constexpr std::int64_t unix_nanos() const { return nanos_; }
  /// RFC 3339 in UTC with `Z`; fraction digits only where there are any: 0, 3, 6 or 9 of them.
  [[nodiscard]] std::string ToString() const;

  friend constexpr auto operator<=>(Timestamp, Timestamp) = default;
  /// Saturating at the ends of the range.
  friend Timestamp operator+(Timestamp t, Duration d);
  friend Timestamp operator-(Timestamp t, Duration d);
  friend Duration operator-(Timestamp a, Timestamp b);

 private:
  constexpr explicit Timestamp(std::int64_t nanos) : nanos_(nanos) {}
  std::int64_t nanos_ = 0;
};

/// A UTC instant taken apart, as `Timestamp::Parse` read it: in the offset that the text names.
struct CivilTime {
  int year = 1970;
  int month = 1;     ///< 1–12
  int day = 1;       ///< 1–31
  int hour = 0;      ///< 0–23
  int minute = 0;    ///< 0–59
  int second = 0;    ///< 0–59
  int iso_week = 1;  ///< 1–53, ISO 8601
};

/// In UTC.
CivilTime ToCivil(Timestamp t);
/// In the text's own offset: Sigma's date-part modifiers know no time zone. Accepts what
/// `Timestamp::Parse` accepts, and every year from 0 to 9999.
Result<CivilTime> ParseCivil(std::string_view text);

/// "500ms", "30s", "5m", "2h", "1d", "1w": one whole number and one unit of ns, us, ms, s, m, h, d,
/// w, M or y. A month is 2,629,746 s and a year 31,556,952 s, the means of the Gregorian calendar,
/// as Sigma's tools read them.
/// @return kInvalidArgument naming what is wrong.
Result<Duration> ParseDuration(std::string_view text);
/// In the largest of ns … w that leaves no remainder, so that `ParseDuration` gives `d` back if it
/// is not negative: "90s", "1m", "0s".
std::string FormatDuration(Duration d);

}  // namespace auditflow
