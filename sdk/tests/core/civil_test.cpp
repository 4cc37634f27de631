#include "src/core/civil.hpp"

#include <chrono>
#include <string>
#include <tuple>

#include <gtest/gtest.h>

namespace auditflow {
namespace {

auto Parts(const CivilTime& c) {
  return std::tuple(c.year, c.month, c.day, c.hour, c.minute, c.second);
}

TEST(CivilTime, IsTakenApartInTheTextsOwnOffset) {
  const auto civil = ParseCivil("2026-01-01T00:30:15.9+05:00");
  ASSERT_TRUE(civil);
  EXPECT_EQ(Parts(*civil), std::tuple(2026, 1, 1, 0, 30, 15));
}

TEST(CivilTime, ReadsEveryYearOfFourDigits) {
  EXPECT_EQ(Parts(*ParseCivil("0000-02-29T01:02:03Z")), std::tuple(0, 2, 29, 1, 2, 3));
  EXPECT_EQ(Parts(*ParseCivil("9999-12-31T23:59:59Z")), std::tuple(9999, 12, 31, 23, 59, 59));
}

TEST(CivilTime, ALeapSecondIsTheNextMinute) {
  EXPECT_EQ(Parts(*ParseCivil("2016-12-31T23:59:60Z")), std::tuple(2017, 1, 1, 0, 0, 0));
}

TEST(CivilTime, RefusesWhatTheTimestampRefuses) {
  EXPECT_EQ(ParseCivil("2026-02-30T00:00:00Z").error().code(), StatusCode::kInvalidArgument);
}

TEST(CivilTime, OfATimestampIsInUtc) {
  const auto civil = ToCivil(Timestamp::FromUnixNanos(-1));
  EXPECT_EQ(Parts(civil), std::tuple(1969, 12, 31, 23, 59, 59));
}

struct Week {
  const char* date;
  int week;
};

class IsoWeeks : public ::testing::TestWithParam<Week> {};

TEST_P(IsoWeeks, FollowTheThursday) {
  const std::string text = std::string(GetParam().date) + "T12:00:00Z";
  EXPECT_EQ(ParseCivil(text)->iso_week, GetParam().week);
  EXPECT_EQ(ToCivil(*Timestamp::Parse(text)).iso_week, GetParam().week);
}

// The examples of ISO 8601 and the years that have 53 weeks.
INSTANTIATE_TEST_SUITE_P(Iso8601, IsoWeeks,
                         ::testing::Values(Week{"1977-01-01", 53}, Week{"1977-01-02", 53},
                                           Week{"1977-01-03", 1}, Week{"1978-01-01", 52},
                                           Week{"1979-12-31", 1}, Week{"1980-12-28", 52},
                                           Week{"1980-12-29", 1}, Week{"2020-12-31", 53},
                                           Week{"2021-01-03", 53}, Week{"2021-01-04", 1},
                                           Week{"2026-11-20", 47}, Week{"1970-01-01", 1}));

TEST(CivilDays, AgreeWithTheStandardLibraryForEveryDay) {
  using std::chrono::sys_days;
  for (int year : {0, 1, 4, 100, 400, 1600, 1900, 1970, 2000, 2024, 2026, 9999}) {
    const sys_days first(std::chrono::year(year) / 1 / 1);
    for (sys_days day = first; day < first + std::chrono::days(367); day += std::chrono::days(1)) {
      const std::chrono::year_month_day date(day);
      const auto days = day.time_since_epoch().count();
      const int month = static_cast<int>(static_cast<unsigned>(date.month()));
      const int day_of_month = static_cast<int>(static_cast<unsigned>(date.day()));
      ASSERT_EQ(DaysFromCivil(static_cast<int>(date.year()), month, day_of_month), days);
      const CivilTime civil = CivilFromSeconds(days * kSecondsPerDay);
      ASSERT_EQ(Parts(civil),
                std::tuple(static_cast<int>(date.year()), month, day_of_month, 0, 0, 0));
    }
  }
}

}  // namespace
}  // namespace auditflow
