#include <chrono>
#include <limits>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "auditflow/core/timestamp.hpp"

namespace auditflow {
namespace {

using namespace std::chrono_literals;

TEST(ParseDuration, ReadsEveryUnit) {
  EXPECT_EQ(ParseDuration("7ns"), Duration(7));
  EXPECT_EQ(ParseDuration("7us"), Duration(7us));
  EXPECT_EQ(ParseDuration("500ms"), Duration(500ms));
  EXPECT_EQ(ParseDuration("30s"), Duration(30s));
  EXPECT_EQ(ParseDuration("15m"), Duration(15min));
  EXPECT_EQ(ParseDuration("2h"), Duration(2h));
  EXPECT_EQ(ParseDuration("1d"), Duration(24h));
  EXPECT_EQ(ParseDuration("1w"), Duration(168h));
  EXPECT_EQ(ParseDuration("1M"), Duration(2'629'746s));
  EXPECT_EQ(ParseDuration("1y"), Duration(31'556'952s));
  EXPECT_EQ(ParseDuration("0s"), Duration(0));
}

TEST(ParseDuration, RefusesEverythingElse) {
  for (const char* text : {"", "s", "5", "-5s", "+5s", "5 s", "5S", "1.5h", "1h30m", "5sec", " 5s",
                           "99999999999999999999s", "300y", "0x5s"}) {
    const auto duration = ParseDuration(text);
    ASSERT_FALSE(duration) << text;
    EXPECT_EQ(duration.error().code(), StatusCode::kInvalidArgument);
    EXPECT_THAT(duration.error().message(), ::testing::HasSubstr(text));
  }
}

TEST(ParseDuration, ShowsNoMoreThanTheStartOfAWrongText) {
  EXPECT_LT(ParseDuration(std::string(1 << 20, 'x')).error().message().size(), 200U);
}

TEST(FormatDuration, ChoosesTheLargestUnitWithoutARemainder) {
  EXPECT_EQ(FormatDuration(0s), "0s");
  EXPECT_EQ(FormatDuration(60s), "1m");
  EXPECT_EQ(FormatDuration(90s), "90s");
  EXPECT_EQ(FormatDuration(1500ms), "1500ms");
  EXPECT_EQ(FormatDuration(168h), "1w");
  EXPECT_EQ(FormatDuration(-90s), "-90s");
}

TEST(FormatDuration, IsReadBack) {
  for (const Duration d : {Duration(1), Duration(999us), Duration(36h), Duration::max()}) {
    EXPECT_EQ(ParseDuration(FormatDuration(d)), d);
  }
}

}  // namespace
}  // namespace auditflow
