#include <algorithm>
#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "auditflow/correlate/window_store.hpp"
#include "auditflow/pipeline/analyzer.hpp"
#include "auditflow/pipeline/detector.hpp"

#include "tests/pipeline/pipeline_fixture.hpp"

namespace auditflow::pipeline {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

std::string Replaced(std::string_view text, std::string_view from, std::string_view to) {
  std::string result(text);
  const std::size_t at = result.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? result : result.replace(at, from.size(), to);
}

/// A store that fails as long as `away` says so.
class FlakyStore final : public correlate::WindowStore {
 public:
  FlakyStore(std::vector<correlate::WindowSpec> specs, const bool& away)
      : next_(correlate::NewInMemoryWindowStore(std::move(specs), Duration{0})), away_(away) {}

  Result<std::vector<correlate::Firing>> Apply(
      std::span<const correlate::WindowUpdate> updates) override {
    if (away_) return Error(Unavailable("the window store is away"));
    return next_->Apply(updates);
  }
  Result<std::vector<correlate::Firing>> Release(Timestamp now) override {
    if (away_) return Error(Unavailable("the window store is away"));
    return next_->Release(now);
  }
  [[nodiscard]] correlate::WindowStatistics Statistics() const override {
    return next_->Statistics();
  }

 private:
  std::unique_ptr<correlate::WindowStore> next_;
  const bool& away_;
};

class RuleReplacementTest : public PipelineTest {
 protected:
  /// The rule ids of the alerts for one event.
  static std::vector<std::string> Alerts(Detector& detector, const std::string& json) {
    event::EventParser parser;
    event::Event event;
    EXPECT_TRUE(parser.ParseInto(json, event).ok());
    const DetectorInput input{&event, event::IdentityOf(event, {})};
    auto alerts = detector.Detect({&input, 1});
    EXPECT_TRUE(alerts) << alerts.error().ToString();
    std::vector<std::string> ids;
    if (!alerts) return ids;
    for (const DetectedAlert& detected : *alerts) {
      ids.push_back(detected.alert.analysis_rule.rule_id);
    }
    return ids;
  }

  static void Fail(Detector& detector, int first, int count) {
    for (int n = first; n < first + count; ++n) {
      EXPECT_THAT(Alerts(detector, EventJson(n, "fail", "ann", n)), IsEmpty());
    }
  }
};

TEST_F(RuleReplacementTest, UnchangedCorrelationGoesOnWithItsWindow) {
  const auto detector = NewDetector();
  Fail(*detector, 1, 2);
  // The rule before it goes, another one comes: all indices change.
  std::string changed = Replaced(kRules, "{action: drop}", "{action: erase}");
  changed += R"(---
title: Read
logsource: {product: test}
detection: {selection: {action: read}, condition: selection}
auditflow: {rule_id: T-3}
)";
  ASSERT_TRUE(detector->Replace(TestRules(changed)).ok());
  EXPECT_THAT(Alerts(*detector, EventJson(3, "fail", "ann", 3)), ElementsAre("T-2"));
  EXPECT_THAT(Alerts(*detector, EventJson(4, "fail", "ann", 4)), IsEmpty()) << "fired before";
  EXPECT_THAT(Alerts(*detector, EventJson(5, "drop", "ann", 5)), IsEmpty());
  EXPECT_THAT(Alerts(*detector, EventJson(6, "erase", "ann", 6)), ElementsAre("T-1"));
  EXPECT_THAT(Alerts(*detector, EventJson(7, "read", "ann", 7)), ElementsAre("T-3"));
}

TEST_F(RuleReplacementTest, EventSeenBeforeCountsOnce) {
  const auto detector = NewDetector();
  Fail(*detector, 1, 2);
  ASSERT_TRUE(detector->Replace(TestRules()).ok());
  EXPECT_THAT(Alerts(*detector, EventJson(2, "fail", "ann", 2)), IsEmpty());
  EXPECT_THAT(Alerts(*detector, EventJson(3, "fail", "ann", 3)), ElementsAre("T-2"));
}

TEST_F(RuleReplacementTest, ChangedCorrelationStartsAfresh) {
  for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{
           {"timespan: 1m", "timespan: 2m"}, {"{gte: 3}", "{gt: 2}"}}) {
    const auto detector = NewDetector();
    Fail(*detector, 1, 2);
    ASSERT_TRUE(detector->Replace(TestRules(Replaced(kRules, from, to))).ok());
    Fail(*detector, 3, 2);
    EXPECT_THAT(Alerts(*detector, EventJson(5, "fail", "ann", 5)), ElementsAre("T-2")) << to;
  }
}

TEST_F(RuleReplacementTest, WhatWaitsForLateEventsIsEvaluatedAfterwards) {
  DetectorOptions options;
  options.allowed_lateness = std::chrono::seconds(30);
  const auto detector = NewDetector(kRules, options);
  Fail(*detector, 1, 3);
  ASSERT_TRUE(detector->Replace(TestRules()).ok());
  const auto last = detector->Flush();
  ASSERT_TRUE(last);
  ASSERT_THAT(*last, SizeIs(1));
  EXPECT_EQ(last->front().alert.analysis_rule.rule_id, "T-2");
}

TEST_F(RuleReplacementTest, ChainsKeepTheWindowsOfEachLevel) {
  const std::string chained = std::string(kRules) + R"(---
title: Many users with failures
correlation:
  type: event_count
  rules: [6f0b1c1e-0000-4000-8000-000000000002]
  timespan: 10m
  condition: {gte: 2}
auditflow: {rule_id: T-4}
)";
  const auto detector = NewDetector(chained);
  for (int n = 1; n <= 3; ++n) Alerts(*detector, EventJson(n, "fail", "ann", n));
  for (int n = 4; n <= 5; ++n) Alerts(*detector, EventJson(n, "fail", "bob", n));
  ASSERT_TRUE(detector->Replace(TestRules(chained)).ok());
  EXPECT_THAT(Alerts(*detector, EventJson(6, "fail", "bob", 6)), testing::Contains("T-4"));
}

TEST_F(RuleReplacementTest, RulesThatAreAlikeKeepWindowsOfTheirOwn) {
  constexpr std::string_view kWithoutId = R"(---
title: Again
correlation:
  type: event_count
  rules: [failure]
  group-by: [user_id]
  timespan: 1m
  condition: {gte: 3}
)";
  const std::string twice = std::string(kRules) + std::string(kWithoutId) + std::string(kWithoutId);
  const auto detector = NewDetector(twice);
  Fail(*detector, 1, 2);
  ASSERT_TRUE(detector->Replace(TestRules(twice)).ok());
  EXPECT_THAT(Alerts(*detector, EventJson(3, "fail", "ann", 3)), SizeIs(3));
}

TEST_F(RuleReplacementTest, StatisticsNeverFall) {
  const auto detector = NewDetector();
  Fail(*detector, 1, 2);
  Alerts(*detector, R"({"event_id":"00000000-0000-4000-8000-000000000009","action":"fail"})");
  const std::uint64_t matches = detector->match_count();
  ASSERT_TRUE(detector->Replace(TestRules()).ok());
  EXPECT_EQ(detector->Statistics().windows.applied, 2U);
  ASSERT_TRUE(detector->Replace(TestRules(Replaced(kRules, "1m", "2m"))).ok());
  EXPECT_EQ(detector->Statistics().windows.applied, 2U);
  EXPECT_EQ(detector->Statistics().windows.groups, 0U);
  EXPECT_EQ(detector->Statistics().missing_group_field, 1U);
  EXPECT_EQ(detector->match_count(), matches);
  EXPECT_THAT(Alerts(*detector, EventJson(3, "fail", "ann", 3)), IsEmpty());
  EXPECT_EQ(detector->Statistics().windows.applied, 3U);
}

TEST_F(RuleReplacementTest, WaitsUntilAFailedBatchHasBeenRepeated) {
  bool away = false;
  DetectorOptions options;
  options.window_store = [&away](std::vector<correlate::WindowSpec> specs) {
    return std::make_unique<FlakyStore>(std::move(specs), away);
  };
  const auto detector = NewDetector(kRules, options);
  away = true;
  EXPECT_FALSE(detector->Release(Timestamp()));
  const Status early = detector->Replace(TestRules());
  EXPECT_EQ(early.code(), StatusCode::kUnavailable);
  away = false;
  EXPECT_TRUE(detector->Release(Timestamp()));
  EXPECT_TRUE(detector->Replace(TestRules()).ok());
}

TEST_F(RuleReplacementTest, AnalyzerSwapsBetweenBatchesWithoutLosingOrRepeatingAnEvent) {
  const auto publisher = broker_.NewPublisher("alerts");
  const auto consumer = broker_.NewConsumer("events");
  AnalyzerOptions options;
  options.max_wait = Duration{0};
  observe::AnalysisMetrics& metrics = pipeline_metrics_.analysis();
  Analyzer analyzer(*consumer, *publisher, NewDetector(), metrics, health_, options);
  Publish("events", {EventJson(1, "fail", "ann", 0), EventJson(2, "fail", "ann", 1)});
  ASSERT_TRUE(analyzer.RunOnce(stop_.get_token()));
  analyzer.UseRules(TestRules("title: Superseded before the next batch\n"));
  analyzer.UseRules(TestRules(Replaced(kRules, "{action: drop}", "{action: erase}")));
  Publish("events", {EventJson(2, "fail", "ann", 1), EventJson(3, "fail", "ann", 2),
                     EventJson(4, "fail", "ann", 3), EventJson(5, "erase", "ann", 4)});
  ASSERT_TRUE(analyzer.RunOnce(stop_.get_token()));
  std::vector<std::string> rules;
  for (const broker::Message& message : Drain("alerts")) {
    rules.push_back(alert::FromJson(message.body)->analysis_rule.rule_id);
  }
  EXPECT_THAT(rules, testing::UnorderedElementsAre("T-1", "T-2"));
  EXPECT_EQ(metrics.events.processed.Value(), 5);
  EXPECT_EQ(metrics.events.duplicate.Value(), 1);
  EXPECT_EQ(metrics.rules_loaded.Value(), 3);
}

}  // namespace
}  // namespace auditflow::pipeline
