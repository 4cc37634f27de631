#pragma once

#include <cstdint>
#include <string_view>

#include "auditflow/core/timestamp.hpp"

namespace auditflow {

constexpr std::int64_t kNanosPerSecond = 1'000'000'000;
constexpr std::int64_t kSecondsPerDay = 86'400;

/// Days since 1970-01-01 of a date in the proleptic Gregorian calendar, any year.
std::int64_t DaysFromCivil(std::int64_t year, int month, int day);

/// The inverse, with the time of day; leaves the ISO week alone.
CivilTime CivilFromSeconds(std::int64_t seconds_since_epoch);

int DaysInMonth(int year, int month);

/// A date and time of day as written, checked against the calendar.
struct WrittenTime {
  std::int64_t local_seconds = 0;  ///< since 1970-01-01T00:00:00 in the text's own offset
  std::int64_t nanos = 0;
  int offset_minutes = 0;  ///< east of UTC; 0 if the text names none
};

Result<WrittenTime> ParseWrittenTime(std::string_view text);

}  // namespace auditflow
