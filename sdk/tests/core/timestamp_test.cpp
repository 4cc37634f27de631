#include "auditflow/core/timestamp.hpp"

#include <cstdint>
#include <limits>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace auditflow {
namespace {

using ::testing::HasSubstr;

struct Accepted {
  const char* text;
  const char* utc;
};

class TimestampForms : public ::testing::TestWithParam<Accepted> {};

TEST_P(TimestampForms, ReadsAsTheSameInstant) {
  const auto time = Timestamp::Parse(GetParam().text);
  ASSERT_TRUE(time) << time.error().ToString();
  EXPECT_EQ(time->ToString(), GetParam().utc);
}

INSTANTIATE_TEST_SUITE_P(
    WireContract, TimestampForms,
    ::testing::Values(Accepted{"2026-11-20T18:55:54.352392Z", "2026-11-20T18:55:54.352392Z"},
                      Accepted{"2026-11-20T18:56:09+00:00Z", "2026-11-20T18:56:09Z"},
                      Accepted{"2026-11-20T18:56:09.5+00:00Z", "2026-11-20T18:56:09.500Z"},
                      Accepted{"2026-11-20T18:56:09-0000Z", "2026-11-20T18:56:09Z"},
                      Accepted{"2026-11-20t18:56:09z", "2026-11-20T18:56:09Z"},
                      Accepted{"2026-11-20 18:56:09", "2026-11-20T18:56:09Z"},
                      Accepted{"2026-11-20 18:56:09.123", "2026-11-20T18:56:09.123Z"},
                      Accepted{"2026-11-20 18:56:09.123456+00:00", "2026-11-20T18:56:09.123456Z"},
                      Accepted{"2026-11-20T18:56:09", "2026-11-20T18:56:09Z"}));

INSTANTIATE_TEST_SUITE_P(
    Offsets, TimestampForms,
    ::testing::Values(Accepted{"2026-11-20T18:56:09+02:00", "2026-11-20T16:56:09Z"},
                      Accepted{"2026-11-20T18:56:09+0530", "2026-11-20T13:26:09Z"},
                      Accepted{"2026-11-20T18:56:09-08", "2026-11-21T02:56:09Z"},
                      Accepted{"2026-11-20T18:56:09-00:30", "2026-11-20T19:26:09Z"},
                      Accepted{"2026-01-01T00:30:00+01:00", "2025-12-31T23:30:00Z"}));

INSTANTIATE_TEST_SUITE_P(
    Fractions, TimestampForms,
    ::testing::Values(Accepted{"2026-11-20T18:56:09.1Z", "2026-11-20T18:56:09.100Z"},
                      Accepted{"2026-11-20T18:56:09,25Z", "2026-11-20T18:56:09.250Z"},
                      Accepted{"2026-11-20T18:56:09.000000001Z", "2026-11-20T18:56:09.000000001Z"},
                      Accepted{"2026-11-20T18:56:09.1234567899999Z",
                               "2026-11-20T18:56:09.123456789Z"},
                      Accepted{"2026-11-20T18:56:09.000Z", "2026-11-20T18:56:09Z"},
                      Accepted{"1969-12-31T23:59:59.75Z", "1969-12-31T23:59:59.750Z"}));

INSTANTIATE_TEST_SUITE_P(
    Calendar, TimestampForms,
    ::testing::Values(Accepted{"2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z"},
                      Accepted{"2000-02-29T00:00:00Z", "2000-02-29T00:00:00Z"},
                      Accepted{"2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"},
                      Accepted{"2016-12-31T23:59:60.999Z", "2017-01-01T00:00:00Z"},
                      Accepted{"2016-12-31T15:59:60-08:00", "2017-01-01T00:00:00Z"},
                      Accepted{"1677-09-21T00:12:43.145224192Z", "1677-09-21T00:12:43.145224192Z"},
                      Accepted{"2262-04-11T23:47:16.854775807Z",
                               "2262-04-11T23:47:16.854775807Z"}));

struct Refused {
  std::string text;
  StatusCode code;
  const char* reason;
};

class TimestampFaults : public ::testing::TestWithParam<Refused> {};

TEST_P(TimestampFaults, AreNamed) {
  const auto time = Timestamp::Parse(GetParam().text);
  ASSERT_FALSE(time) << time->ToString();
  EXPECT_EQ(time.error().code(), GetParam().code);
  EXPECT_THAT(time.error().message(), HasSubstr(GetParam().reason));
}

constexpr StatusCode kBad = StatusCode::kInvalidArgument;
constexpr StatusCode kFar = StatusCode::kOutOfRange;

INSTANTIATE_TEST_SUITE_P(
    Form, TimestampFaults,
    ::testing::Values(Refused{"", kBad, "year of 4 digits"},
                      Refused{"yesterday", kBad, "year of 4 digits"},
                      Refused{"2026", kBad, "hyphen"},
                      Refused{"2026-1-02T00:00:00Z", kBad, "month of 2 digits"},
                      Refused{"20261120T185609Z", kBad, "hyphen expected at character 5"},
                      Refused{"2026-11-20", kBad, "T or a space"},
                      Refused{"2026-11-20X18:56:09", kBad, "T or a space expected at character 11"},
                      Refused{"2026-11-20T18:56", kBad, "colon"},
                      Refused{"2026-11-20T18:56:09.Z", kBad, "fraction digit"},
                      Refused{"2026-11-20T18:56:09 UTC", kBad, "Z or an offset"},
                      Refused{"2026-11-20T18:56:09Z ", kBad, "trailing text at character 21"},
                      Refused{"2026-11-20T18:56:09+02:00Z", kBad, "trailing text"},
                      Refused{"2026-11-20T18:56:09+2", kBad, "offset hour"},
                      Refused{"2026-11-20T18:56:09+02:", kBad, "offset minute"},
                      Refused{std::string("2026-11-20T18:56:09Z\0", 21), kBad, "trailing text"},
                      Refused{"２０２６-11-20T18:56:09Z", kBad, "year"}));

INSTANTIATE_TEST_SUITE_P(
    Ranges, TimestampFaults,
    ::testing::Values(Refused{"2026-13-01T00:00:00Z", kBad, "month 13 is out of range"},
                      Refused{"2026-00-01T00:00:00Z", kBad, "month 00"},
                      Refused{"2026-02-29T00:00:00Z", kBad, "day 29"},
                      Refused{"1900-02-29T00:00:00Z", kBad, "day 29"},
                      Refused{"2026-04-31T00:00:00Z", kBad, "day 31"},
                      Refused{"2026-04-00T00:00:00Z", kBad, "day 00"},
                      Refused{"2026-04-01T24:00:00Z", kBad, "hour 24"},
                      Refused{"2026-04-01T23:60:00Z", kBad, "minute 60"},
                      Refused{"2026-04-01T23:00:61Z", kBad, "second 61"},
                      Refused{"2026-04-01T23:00:00+24:00", kBad, "offset hour 24"},
                      Refused{"2026-04-01T23:00:00+01:60", kBad, "offset minute 60"},
                      Refused{"0000-01-01T00:00:00Z", kFar, "outside"},
                      Refused{"9999-12-31T23:59:59Z", kFar, "outside"},
                      Refused{"1677-09-21T00:12:43.145224191Z", kFar, "outside"},
                      Refused{"2262-04-11T23:47:16.854775808Z", kFar, "outside"},
                      Refused{"+10000-01-01T00:00:00Z", kFar, "four digits"},
                      Refused{"10000-01-01T00:00:00Z", kFar, "four digits"},
                      Refused{"-0001-01-01T00:00:00Z", kFar, "four digits"}));

TEST(Timestamp, ReadsUnixNumbersByTheirSize) {
  const std::string expected = "2026-11-20T18:56:09Z";
  for (const std::int64_t number :
       {std::int64_t{1795200969}, std::int64_t{1795200969000}, std::int64_t{1795200969000000},
        std::int64_t{1795200969000000000}}) {
    EXPECT_EQ(Timestamp::FromUnixNumber(number)->ToString(), expected) << number;
    EXPECT_EQ(Timestamp::FromUnixNumber(static_cast<double>(number))->ToString(), expected);
  }
  EXPECT_EQ(Timestamp::FromUnixNumber(std::int64_t{0})->unix_nanos(), 0);
  EXPECT_EQ(Timestamp::FromUnixNumber(std::int64_t{-1})->ToString(), "1969-12-31T23:59:59Z");
}

TEST(Timestamp, KeepsTheFractionOfAUnixNumber) {
  EXPECT_EQ(Timestamp::FromUnixNumber(1.5)->unix_nanos(), 1'500'000'000);
  EXPECT_EQ(Timestamp::FromUnixNumber(-1.5)->unix_nanos(), -1'500'000'000);
  EXPECT_EQ(Timestamp::FromUnixNumber(1795200969000.25)->unix_nanos(), 1795200969000250000);
}

TEST(Timestamp, RefusesUnixNumbersThatDoNotFit) {
  EXPECT_EQ(Timestamp::FromUnixNumber(std::int64_t{99'999'999'999}).error().code(), kFar);
  EXPECT_EQ(Timestamp::FromUnixNumber(1e300).error().code(), kFar);
  EXPECT_EQ(Timestamp::FromUnixNumber(-1e19).error().code(), kFar);
  EXPECT_EQ(Timestamp::FromUnixNumber(std::numeric_limits<double>::quiet_NaN()).error().code(),
            kBad);
  EXPECT_EQ(Timestamp::FromUnixNumber(std::numeric_limits<double>::infinity()).error().code(),
            kBad);
  EXPECT_TRUE(Timestamp::FromUnixNumber(std::numeric_limits<std::int64_t>::min()));
}

TEST(Timestamp, ArithmeticStopsAtTheEndsOfTheRange) {
  const auto last = Timestamp::FromUnixNanos(std::numeric_limits<std::int64_t>::max());
  const auto first = Timestamp::FromUnixNanos(std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(last + Duration(1), last);
  EXPECT_EQ(first - Duration(1), first);
  EXPECT_EQ(last - first, Duration::max());
  EXPECT_EQ(first - last, Duration::min());
  EXPECT_EQ(Timestamp() + Duration(5) - Duration(7), Timestamp::FromUnixNanos(-2));
}

TEST(Timestamp, ToStringIsReadBackExactly) {
  for (std::int64_t nanos :
       {std::numeric_limits<std::int64_t>::min(), std::int64_t{-1}, std::int64_t{999},
        std::int64_t{1'000}, std::int64_t{1'000'001}, std::numeric_limits<std::int64_t>::max()}) {
    const auto time = Timestamp::FromUnixNanos(nanos);
    EXPECT_EQ(Timestamp::Parse(time.ToString()), time);
  }
}

}  // namespace
}  // namespace auditflow
