#include "src/core/civil.hpp"

namespace auditflow {
namespace {

constexpr std::int64_t kDaysPerEra = 146'097;    // 400 Gregorian years
constexpr std::int64_t kEpochFromEra = 719'468;  // 0000-03-01 to 1970-01-01

std::int64_t FloorDivide(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

/// 1 is Monday, 7 is Sunday.
std::int64_t IsoWeekday(std::int64_t days) {
  const std::int64_t thursday_based = days - FloorDivide(days, 7) * 7;  // 1970-01-01: a Thursday
  return (thursday_based + 3) % 7 + 1;
}

int IsoWeek(std::int64_t days) {
  // The week belongs to the year of its Thursday (ISO 8601).
  const std::int64_t thursday = days - IsoWeekday(days) + 4;
  const std::int64_t year = CivilFromSeconds(thursday * kSecondsPerDay).year;
  return static_cast<int>((thursday - DaysFromCivil(year, 1, 1)) / 7) + 1;
}

struct Date {
  std::int64_t year;
  int month;
  int day;
};

// Both conversions count in years that begin on 1 March, so that the leap day comes last
// (H. Hinnant, "chrono-Compatible Low-Level Date Algorithms").
Date DateFromDays(std::int64_t days) {
  const std::int64_t shifted = days + kEpochFromEra;
  const std::int64_t era = FloorDivide(shifted, kDaysPerEra);
  const std::int64_t day_of_era = shifted - era * kDaysPerEra;
  const std::int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const std::int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t march_month = (5 * day_of_year + 2) / 153;
  const std::int64_t month = march_month < 10 ? march_month + 3 : march_month - 9;
  return {year_of_era + era * 400 + (month <= 2 ? 1 : 0), static_cast<int>(month),
          static_cast<int>(day_of_year - (153 * march_month + 2) / 5 + 1)};
}

}  // namespace

std::int64_t DaysFromCivil(std::int64_t year, int month, int day) {
  const std::int64_t march_year = year - (month <= 2 ? 1 : 0);
  const std::int64_t era = FloorDivide(march_year, 400);
  const std::int64_t year_of_era = march_year - era * 400;
  const std::int64_t march_month = month > 2 ? month - 3 : month + 9;
  const std::int64_t day_of_year = (153 * march_month + 2) / 5 + day - 1;
  const std::int64_t day_of_era =
      year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * kDaysPerEra + day_of_era - kEpochFromEra;
}

int DaysInMonth(int year, int month) {
  if (month == 2) {
    const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return leap ? 29 : 28;
  }
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

CivilTime CivilFromSeconds(std::int64_t seconds_since_epoch) {
  const std::int64_t days = FloorDivide(seconds_since_epoch, kSecondsPerDay);
  const auto second_of_day = static_cast<int>(seconds_since_epoch - days * kSecondsPerDay);
  const Date date = DateFromDays(days);
  CivilTime civil;
  civil.year = static_cast<int>(date.year);
  civil.month = date.month;
  civil.day = date.day;
  civil.hour = second_of_day / 3600;
  civil.minute = second_of_day / 60 % 60;
  civil.second = second_of_day % 60;
  return civil;
}

CivilTime ToCivil(Timestamp t) {
  const std::int64_t seconds = FloorDivide(t.unix_nanos(), kNanosPerSecond);
  CivilTime civil = CivilFromSeconds(seconds);
  civil.iso_week = IsoWeek(FloorDivide(seconds, kSecondsPerDay));
  return civil;
}

Result<CivilTime> ParseCivil(std::string_view text) {
  const Result<WrittenTime> written = ParseWrittenTime(text);
  if (!written) return Error(written.error());
  CivilTime civil = CivilFromSeconds(written->local_seconds);
  civil.iso_week = IsoWeek(FloorDivide(written->local_seconds, kSecondsPerDay));
  return civil;
}

}  // namespace auditflow
