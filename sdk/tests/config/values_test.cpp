#include "src/config/values.hpp"

#include <chrono>
#include <clocale>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace auditflow::config {
namespace {

TEST(PortText, IsANumberOrWhatKubernetesInjects) {
  for (const auto& [text, port] : std::vector<std::pair<const char*, int>>{
           {"5672", 5672},
           {"0", 0},
           {"65535", 65535},
           {"tcp://10.43.0.7:8000", 8000},
           {"tcp://[fd00::1]:6379", 6379},
       }) {
    const auto parsed = ParsePort(text);
    ASSERT_TRUE(parsed) << text;
    EXPECT_EQ(*parsed, port) << text;
  }
  for (const char* text :
       {"", "65536", "-1", "+1", " 1", "1 ", "0x50", "80a", "tcp://", "tcp://host",
        "tcp://host:", "tcp://host:x", "udp://10.0.0.1:53", "http://a:80"}) {
    const auto parsed = ParsePort(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_NE(parsed.error().message().find("is not a port"), std::string::npos) << text;
  }
}

TEST(NumberText, IsAWholeNumberWithinItsLimits) {
  EXPECT_EQ(*ParseNumber("18446744073709551615", 0, std::numeric_limits<std::uint64_t>::max()),
            std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(ParseNumber("11", 1, 10).error().message(), "'11' is not between 1 and 10");
  EXPECT_EQ(ParseNumber("0", 1, 10).error().message(), "'0' is not between 1 and 10");
  for (const char* text : {"", "1.0", "1e3", "-1", "18446744073709551616", "ten", "1_000"}) {
    EXPECT_FALSE(ParseNumber(text, 0, std::numeric_limits<std::uint64_t>::max())) << text;
  }
}

TEST(DecimalText, HasAPointInEveryLocale) {
  const std::string before = std::setlocale(LC_ALL, nullptr);
  if (std::setlocale(LC_ALL, "de_DE.UTF-8") == nullptr) std::setlocale(LC_ALL, "C.UTF-8");
  EXPECT_EQ(*ParseReal("2.5", 0, 10), 2.5);
  EXPECT_EQ(FormatReal(2.5), "2.5");
  EXPECT_FALSE(ParseReal("2,5", 0, 10));
  std::setlocale(LC_ALL, before.c_str());
}

TEST(DecimalText, IsFiniteAndWithinItsLimits) {
  for (const char* text : {"", "nan", "inf", "1e999", "0x1p3", "-0.1", "10.1", "1 "}) {
    EXPECT_FALSE(ParseReal(text, 0, 10)) << text;
  }
}

TEST(FlagText, KnowsTheUsualWordsInEitherCase) {
  for (const char* text : {"true", "TRUE", "Yes", "on", "1"}) EXPECT_TRUE(*ParseFlag(text)) << text;
  for (const char* text : {"false", "No", "OFF", "0"}) EXPECT_FALSE(*ParseFlag(text)) << text;
  for (const char* text : {"", "2", "truee", "y", "t"}) EXPECT_FALSE(ParseFlag(text)) << text;
}

TEST(TimeText, HasAUnitOrIsSeconds) {
  using std::chrono::milliseconds;
  const Duration most = std::chrono::hours(1);
  EXPECT_EQ(*ParseTime("500ms", Duration::zero(), most), milliseconds(500));
  EXPECT_EQ(*ParseTime("5m", Duration::zero(), most), std::chrono::minutes(5));
  EXPECT_EQ(*ParseTime("5", Duration::zero(), most), std::chrono::seconds(5));
  EXPECT_EQ(*ParseTime("0.25", Duration::zero(), most), milliseconds(250));
  EXPECT_EQ(ParseTime("2h", Duration::zero(), most).error().message(),
            "'2h' is not between 0s and 1h");
  for (const char* text : {"", "-1", "five", "5 m", "1e300", "nan", "1e9h", "1h30m"}) {
    EXPECT_FALSE(ParseTime(text, Duration::zero(), most)) << text;
  }
}

TEST(ListText, DropsSpacesAndEmptyItems) {
  EXPECT_EQ(ParseList(" a, b c ,,d,"), (std::vector<std::string>{"a", "b c", "d"}));
  EXPECT_TRUE(ParseList(" , ,").empty());
}

TEST(QuotedText, IsShortAndPrintable) {
  EXPECT_EQ(Quoted("a\nb\x7f"), "'a?b?'");
  EXPECT_EQ(Quoted(std::string(1000, 'x')), "'" + std::string(80, 'x') + "…'");
  EXPECT_EQ(Quoted("\xff"), "'\xEF\xBF\xBD'");
}

}  // namespace
}  // namespace auditflow::config
