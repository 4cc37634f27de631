#include "auditflow/observe/logging.hpp"

#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "auditflow/core/utf8.hpp"

#include "src/observe/log_record.hpp"

namespace auditflow::observe::log {
namespace {

using Json = nlohmann::json;

class LoggingTest : public ::testing::Test {
 protected:
  void SetUp() override { Use({}); }
  void TearDown() override { Configure({}); }

  void Use(Options options) {
    options.clock = &clock_;
    options.sink = [this](std::string_view line) { lines_.emplace_back(line); };
    Configure(options);
  }

  std::string Last() const { return lines_.empty() ? "" : lines_.back(); }

  ManualClock clock_{*Timestamp::Parse("2026-11-20T18:55:54.352392Z")};
  std::vector<std::string> lines_;
};

TEST_F(LoggingTest, WritesOneJsonObject) {
  Warning("rabbitmq", "connection lost",
          {{"host", "db-1"},
           {"attempt", 3},
           {"ratio", 0.5},
           {"fatal", false},
           {"after", std::chrono::milliseconds(1500)}});
  EXPECT_EQ(Last(),
            R"({"ts":"2026-11-20T18:55:54.352392Z","level":"warning","component":"rabbitmq",)"
            R"("msg":"connection lost","host":"db-1","attempt":3,"ratio":0.5,"fatal":false,)"
            R"("after":1.5})");
}

TEST_F(LoggingTest, CarriesServiceAndCorrelationId) {
  Options options;
  options.service = "analysis";
  Use(options);
  {
    const ScopedCorrelationId outer("event-1");
    {
      const ScopedCorrelationId inner("event-2");
      Info("match", "matched");
      EXPECT_EQ(Json::parse(Last())["correlation_id"], "event-2");
    }
    EXPECT_EQ(CorrelationId(), "event-1");
  }
  Info("match", "matched");
  const Json record = Json::parse(Last());
  EXPECT_FALSE(record.contains("correlation_id"));
  EXPECT_EQ(record["service"], "analysis");
}

TEST_F(LoggingTest, HostileTextStaysOneLineInBothFormats) {
  const std::string hostile =
      "a\r\nb\n{\"level\":\"error\"}\x1b[2J\x7f \xff \xC2\x9B \xE2\x80\xA8 \xE2\x80\xAE {} %s";
  for (const Format format : {Format::kJson, Format::kText}) {
    Options options;
    options.format = format;
    Use(options);
    lines_.clear();
    const ScopedCorrelationId id(hostile);
    Info(hostile, hostile, {{hostile, hostile}});
    ASSERT_EQ(lines_.size(), 1U);
    EXPECT_EQ(Last().find_first_of("\r\n\x1b"), std::string::npos) << Last();
    EXPECT_TRUE(IsValidUtf8(Last()));
  }
  EXPECT_EQ(Last().find("\xC2\x9B"), std::string::npos);      // a terminal's CSI
  EXPECT_EQ(Last().find("\xE2\x80\xAE"), std::string::npos);  // right-to-left override
}

TEST_F(LoggingTest, NoFieldCanReplaceOrRepeatAMemberOfTheRecord) {
  Info("a", "real", {{"msg", "forged"}, {"level", "error"}, {"x", 1}, {"x", 2}});
  const Json record = Json::parse(Last());
  EXPECT_EQ(record["msg"], "real");
  EXPECT_EQ(record["field.msg"], "forged");
  EXPECT_EQ(record["field.level"], "error");
  EXPECT_EQ(record["x"], 2);
  EXPECT_EQ(Last().find("\"x\":"), Last().rfind("\"x\":"));
}

TEST_F(LoggingTest, NumbersAreExactAndNeverInvalidJson) {
  Info("a", "b",
       {{"max", std::numeric_limits<std::uint64_t>::max()},
        {"min", std::numeric_limits<std::int64_t>::min()},
        {"nan", std::numeric_limits<double>::quiet_NaN()},
        {"inf", -std::numeric_limits<double>::infinity()}});
  const Json record = Json::parse(Last());
  EXPECT_EQ(record["max"], std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(record["min"], std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(record["nan"], "NaN");
  EXPECT_EQ(record["inf"], "-Infinity");
}

TEST_F(LoggingTest, TextIsForReading) {
  Options options;
  options.format = Format::kText;
  Use(options);
  const ScopedCorrelationId id("e-1");
  Error("store", "cannot write", {{"file", "my alerts.db"}, {"n", 2}, {"q", "a\"b"}, {"e", ""}});
  EXPECT_EQ(Last(),
            "2026-11-20T18:55:54.352392Z ERROR store: cannot write file=\"my alerts.db\" n=2 "
            "q=\"a\\\"b\" e=\"\" correlation_id=e-1");
}

TEST_F(LoggingTest, TheLevelChangesAtRunTime) {
  Debug("a", "hidden");
  EXPECT_TRUE(lines_.empty());
  EXPECT_TRUE(SetLogLevel("DEBUG").ok());
  EXPECT_TRUE(Enabled(Level::kDebug));
  Debug("a", "shown");
  EXPECT_EQ(lines_.size(), 1U);
  SetLogLevel(Level::kOff);
  Error("a", "hidden");
  EXPECT_FALSE(Enabled(Level::kOff));
  EXPECT_EQ(lines_.size(), 1U);
  EXPECT_EQ(SetLogLevel("loud").code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(LogLevel(), Level::kOff);
}

TEST(ParseLevel, KnowsPythonsNames) {
  const std::vector<std::pair<const char*, Level>> cases = {
      {"debug", Level::kDebug},  {"INFO", Level::kInfo},   {"Warning", Level::kWarning},
      {"warn", Level::kWarning}, {"ERROR", Level::kError}, {"CRITICAL", Level::kError},
      {"off", Level::kOff},
  };
  for (const auto& [text, level] : cases) EXPECT_EQ(ParseLevel(text).value(), level) << text;
  EXPECT_EQ(ParseLevel("").error().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(ParseLevel("a\nb").error().message().find('\n'), std::string::npos);
}

TEST_F(LoggingTest, ASinkThatThrowsDoesNotReachTheCaller) {
  Options options;
  options.sink = [](std::string_view) { throw 1; };
  Configure(options);
  EXPECT_NO_THROW(Info("a", "b"));
}

TEST_F(LoggingTest, ManyThreadsWriteWholeLines) {
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([t] {
        const ScopedCorrelationId id("t" + std::to_string(t));
        for (int i = 0; i < 100; ++i) {
          Info("a", "b", {{"i", i}});
          if (i == 50) SetLogLevel(Level::kInfo);
        }
      });
    }
  }
  EXPECT_EQ(lines_.size(), 400U);
  for (const std::string& line : lines_) EXPECT_TRUE(Json::accept(line));
}

TEST(RateLimiter, LetsOneThroughPerIntervalAndCountsTheRest) {
  ManualClock clock;
  RateLimiter limiter(std::chrono::seconds(1), clock);
  EXPECT_EQ(limiter.Admit(), 0U);
  EXPECT_EQ(limiter.Admit(), std::nullopt);
  EXPECT_EQ(limiter.Admit(), std::nullopt);
  clock.Advance(std::chrono::seconds(1));
  EXPECT_EQ(limiter.Admit(), 2U);
}

}  // namespace
}  // namespace auditflow::observe::log
