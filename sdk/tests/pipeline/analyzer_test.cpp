#include "auditflow/pipeline/analyzer.hpp"

#include <gmock/gmock.h>

#include "auditflow/alert/alert.hpp"

#include "tests/pipeline/pipeline_fixture.hpp"

namespace auditflow::pipeline {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

/// Fails as often as it is told to, then hands on.
class FlakyPublisher final : public broker::Publisher {
 public:
  FlakyPublisher(std::unique_ptr<broker::Publisher> next, int failures)
      : next_(std::move(next)), failures_(failures) {}

  Status Publish(std::span<const broker::Message> messages, Duration timeout) override {
    ++calls;
    if (failures_-- > 0) return Unavailable("the broker is away");
    return next_->Publish(messages, timeout);
  }

  int calls = 0;

 private:
  std::unique_ptr<broker::Publisher> next_;
  int failures_;
};

class AnalyzerTest : public PipelineTest {
 protected:
  void Run(std::unique_ptr<Detector> detector, int publish_failures = 0,
           Clock& clock = SystemClock()) {
    FlakyPublisher publisher(broker_.NewPublisher("alerts"), publish_failures);
    const auto consumer = broker_.NewConsumer("events");
    AnalyzerOptions options;
    options.max_wait = Duration{0};
    Analyzer analyzer(*consumer, publisher, std::move(detector), Metrics(), health_, options,
                      clock);
    while (true) {
      const Result<std::size_t> settled = analyzer.RunOnce(stop_.get_token());
      ASSERT_TRUE(settled) << settled.error().ToString();
      if (*settled == 0) break;
    }
  }

  observe::AnalysisMetrics& Metrics() { return pipeline_metrics_.analysis(); }

  std::vector<alert::Alert> Alerts() {
    std::vector<alert::Alert> alerts;
    for (const broker::Message& message : Drain("alerts")) {
      Result<alert::Alert> alert = alert::FromJson(message.body);
      EXPECT_TRUE(alert) << alert.error().ToString();
      if (!alert) continue;
      EXPECT_EQ(message.message_id, alert->alert_id.ToString());
      alerts.push_back(std::move(*alert));
    }
    return alerts;
  }
};

TEST_F(AnalyzerTest, PublishesOneAlertForAMatchAndAcknowledgesTheEvent) {
  Publish("events", {EventJson(1, "drop", "ann", 0), EventJson(2, "look", "ann", 1)});
  Run(NewDetector());
  const std::vector<alert::Alert> alerts = Alerts();
  ASSERT_THAT(alerts, SizeIs(1));
  EXPECT_EQ(alerts[0].analysis_rule.rule_id, "T-1");
  EXPECT_EQ(alerts[0].correlation_id.ToString(), "00000000-0000-4000-8000-000000000001");
  EXPECT_EQ(alerts[0].raw_event_data, EventJson(1, "drop", "ann", 0));
  EXPECT_EQ(broker_.Statistics("events").unsettled, 0U);
  EXPECT_EQ(Metrics().events.processed.Value(), 2);
}

TEST_F(AnalyzerTest, CorrelationFiresOnceAndItsReferencedRuleMakesNoAlerts) {
  Publish("events", {EventJson(1, "fail", "ann", 0), EventJson(2, "fail", "bob", 1),
                     EventJson(3, "fail", "ann", 2), EventJson(4, "fail", "ann", 3),
                     EventJson(5, "fail", "ann", 4)});
  Run(NewDetector());
  const std::vector<alert::Alert> alerts = Alerts();
  ASSERT_THAT(alerts, SizeIs(1));
  EXPECT_EQ(alerts[0].analysis_rule.rule_id, "T-2");
  EXPECT_EQ(alerts[0].severity, "CRITICAL");
  EXPECT_EQ(alerts[0].correlation_id.ToString(), "00000000-0000-4000-8000-000000000004");
}

TEST_F(AnalyzerTest, RedeliveredEventIsADuplicateWithoutEffect) {
  Publish("events", {EventJson(1, "drop", "ann", 0), EventJson(1, "drop", "ann", 0)});
  Publish("events", {EventJson(1, "drop", "ann", 0)});
  Run(NewDetector());
  EXPECT_THAT(Alerts(), SizeIs(1));
  EXPECT_EQ(Metrics().events.processed.Value(), 1);
  EXPECT_EQ(Metrics().events.duplicate.Value(), 2);
  EXPECT_EQ(Metrics().events.Settled(), Metrics().events.received.Value());
}

TEST_F(AnalyzerTest, AnotherEventUnderAUsedIdIsADeadLetterAndNoDuplicate) {
  const std::string first = EventJson(1, "look", "ann", 0);
  const std::string hidden = EventJson(1, "drop", "ann", 0);
  Publish("events", {first, hidden, first});
  Publish("events", {hidden});
  Run(NewDetector());
  EXPECT_THAT(Alerts(), SizeIs(0));
  EXPECT_EQ(Metrics().events.duplicate.Value(), 1);
  const std::vector<broker::Message> dead = Drain("events.dead-letter");
  ASSERT_THAT(dead, SizeIs(2));
  for (const broker::Message& message : dead) {
    EXPECT_EQ(message.body, hidden);
    EXPECT_EQ(message.headers.back().second,
              "event_id: 00000000-0000-4000-8000-000000000001 is that of an earlier, different "
              "event");
  }
  EXPECT_EQ(Metrics().events.Settled(), Metrics().events.received.Value());
}

TEST_F(AnalyzerTest, AReplayMakesTheSameAlertIds) {
  Publish("events", {EventJson(1, "drop", "ann", 0)});
  Run(NewDetector());
  const std::vector<alert::Alert> first = Alerts();
  Publish("events", {EventJson(1, "drop", "ann", 0)});
  Run(NewDetector());
  const std::vector<alert::Alert> second = Alerts();
  ASSERT_THAT(first, SizeIs(1));
  ASSERT_THAT(second, SizeIs(1));
  EXPECT_EQ(first[0].alert_id, second[0].alert_id);
}

TEST_F(AnalyzerTest, MalformedMessagesGoToTheDeadLetterQueueUnchangedAndHoldNothingUp) {
  const std::vector<std::string> bad = {"",
                                        "{",
                                        "[1]",
                                        R"({"a":1,"a":2})",
                                        "{\"a\":\"\xFF\"}",
                                        R"({"a":1e999})",
                                        std::string(100'000, '[')};
  std::vector<std::string> bodies = bad;
  bodies.insert(bodies.begin() + 3, EventJson(1, "drop", "ann", 0));
  Publish("events", bodies);
  Run(NewDetector());
  EXPECT_THAT(Alerts(), SizeIs(1));
  const std::vector<broker::Message> dead = Drain("events.dead-letter");
  ASSERT_EQ(dead.size(), bad.size());
  for (std::size_t i = 0; i < bad.size(); ++i) {
    EXPECT_EQ(dead[i].body, bad[i]);
    ASSERT_FALSE(dead[i].headers.empty());
    EXPECT_EQ(dead[i].headers.back().first, "x-auditflow-reason");
    EXPECT_THAT(dead[i].headers.back().second, HasSubstr("offset "));
  }
  EXPECT_EQ(Metrics().events.Settled(), Metrics().events.received.Value());
}

TEST_F(AnalyzerTest, AMessageThatCannotBeDeadLetteredIsCountedOnce) {
  Publish("events", {"not an event", EventJson(1, "drop", "ann", 0), "nor this"});
  FlakyDeadLetters consumer(broker_.NewConsumer("events"), 3);
  const auto publisher = broker_.NewPublisher("alerts");
  AnalyzerOptions options;
  options.max_wait = Duration{0};
  Analyzer analyzer(consumer, *publisher, NewDetector(), Metrics(), health_, options);
  for (int round = 0; round < 4; ++round) ASSERT_TRUE(analyzer.RunOnce(stop_.get_token()));
  EXPECT_THAT(Drain("events.dead-letter"), SizeIs(2));
  EXPECT_EQ(Metrics().events.received.Value(), 3);
  EXPECT_EQ(Metrics().events.Settled(), 3);
}

TEST_F(AnalyzerTest, RetriesPublishingUntilTheBrokerIsBackAndSaysSoMeanwhile) {
  ManualClock clock;
  Publish("events", {EventJson(1, "drop", "ann", 0)});
  std::jthread time([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) clock.Advance(std::chrono::seconds(1));
  });
  Run(NewDetector(), 5, clock);
  EXPECT_THAT(Alerts(), SizeIs(1));
  EXPECT_TRUE(health_.IsUp("analysis"));
  EXPECT_EQ(broker_.Statistics("events").unsettled, 0U);
}

TEST_F(AnalyzerTest, StopDuringARetryLeavesTheEventsToTheNextConsumer) {
  Publish("events", {EventJson(1, "drop", "ann", 0)});
  ManualClock clock;
  {
    FlakyPublisher publisher(broker_.NewPublisher("alerts"), 1'000'000);
    const auto consumer = broker_.NewConsumer("events");
    Analyzer analyzer(*consumer, publisher, NewDetector(), Metrics(), health_, {}, clock);
    std::jthread stopper([&] {
      clock.WaitForSleepers(1);
      EXPECT_FALSE(health_.IsUp("analysis"));
      stop_.request_stop();
    });
    const Result<std::size_t> settled = analyzer.RunOnce(stop_.get_token());
    ASSERT_FALSE(settled);
    EXPECT_EQ(settled.error().code(), StatusCode::kCancelled);
  }
  stop_ = {};
  Run(NewDetector());
  EXPECT_THAT(Alerts(), SizeIs(1));
}

TEST_F(AnalyzerTest, EndOfInputEvaluatesWhatWaitsForLateEvents) {
  DetectorOptions options;
  options.allowed_lateness = std::chrono::seconds(30);
  Publish("events", {EventJson(3, "fail", "ann", 2), EventJson(1, "fail", "ann", 0),
                     EventJson(2, "fail", "ann", 1)});
  const auto publisher = broker_.NewPublisher("alerts");
  const auto consumer = broker_.NewConsumer("events");
  Analyzer analyzer(*consumer, *publisher, NewDetector(kRules, options), Metrics(), health_);
  ASSERT_TRUE(analyzer.RunOnce(stop_.get_token()));
  EXPECT_EQ(broker_.Statistics("alerts").ready, 0U);
  stop_.request_stop();
  analyzer.Run(stop_.get_token());
  const std::vector<alert::Alert> alerts = Alerts();
  ASSERT_THAT(alerts, SizeIs(1));
  EXPECT_EQ(alerts[0].correlation_id.ToString(), "00000000-0000-4000-8000-000000000003");
}

/// Windows that wait thirty seconds for late events, three of which are in them.
class WaitingWindowsTest : public AnalyzerTest {
 protected:
  void SetUp() override {
    Publish("events", {EventJson(3, "fail", "ann", 2), EventJson(1, "fail", "ann", 0),
                       EventJson(2, "fail", "ann", 1)});
  }

  std::unique_ptr<Analyzer> NewAnalyzer(broker::Publisher& publisher,
                                        const AnalyzerOptions& options) {
    DetectorOptions detector;
    detector.allowed_lateness = std::chrono::seconds(30);
    auto created = Detector::Create(TestRules(), detector, clock_);
    EXPECT_TRUE(created);
    return std::make_unique<Analyzer>(*consumer_, publisher, std::move(*created), Metrics(),
                                      health_, options, clock_);
  }

  ManualClock clock_{Timestamp::FromUnixNanos(1'700'000'000'000'000'000)};
  std::unique_ptr<broker::Consumer> consumer_ = broker_.NewConsumer("events");
};

TEST_F(WaitingWindowsTest, AlertsThatCouldNotBePublishedWhenTheyWereReleasedComeLater) {
  FlakyPublisher publisher(broker_.NewPublisher("alerts"), 1);
  const auto analyzer = NewAnalyzer(publisher, {.max_wait = Duration{0}});
  ASSERT_TRUE(analyzer->RunOnce(stop_.get_token()));
  clock_.Advance(std::chrono::seconds(40));
  std::jthread stopper([&] {
    clock_.WaitForSleepers(1);
    stop_.request_stop();
  });
  ASSERT_FALSE(analyzer->RunOnce(stop_.get_token()));
  stop_ = {};
  EXPECT_EQ(broker_.Statistics("alerts").ready, 0U);
  ASSERT_TRUE(analyzer->RunOnce(stop_.get_token()));
  EXPECT_THAT(Alerts(), SizeIs(1));
}

TEST_F(WaitingWindowsTest, WindowsThatOthersGoOnWithAreNotFlushedAtTheEnd) {
  const auto publisher = broker_.NewPublisher("alerts");
  const auto analyzer = NewAnalyzer(*publisher, {.max_wait = Duration{0}, .flush_at_end = false});
  ASSERT_TRUE(analyzer->RunOnce(stop_.get_token()));
  stop_.request_stop();
  analyzer->Run(stop_.get_token());
  EXPECT_THAT(Alerts(), SizeIs(0));
}

TEST_F(WaitingWindowsTest, WhatBecomesDueSoonIsReportedBeforeTheEnd) {
  const auto publisher = broker_.NewPublisher("alerts");
  const auto analyzer = NewAnalyzer(
      *publisher,
      {.max_wait = Duration{0}, .flush_at_end = false, .linger_at_end = std::chrono::minutes(1)});
  ASSERT_TRUE(analyzer->RunOnce(stop_.get_token()));
  stop_.request_stop();
  std::jthread time([&] {
    clock_.WaitForSleepers(1);
    EXPECT_EQ(broker_.Statistics("alerts").ready, 0U);
    clock_.Advance(std::chrono::seconds(31));
  });
  analyzer->Run(stop_.get_token());
  EXPECT_THAT(Alerts(), SizeIs(1));
}

TEST_F(AnalyzerTest, CountsAlertsByTheRulesMetricType) {
  Publish("events", {EventJson(1, "drop", "ann", 0)});
  Run(NewDetector());
  EXPECT_THAT(metrics_.Render(), HasSubstr(R"(alert_type="table_dropped")"));
}

}  // namespace
}  // namespace auditflow::pipeline
