// What each rule did, from the detector to the text that is scraped.
#include <atomic>
#include <map>
#include <string>
#include <thread>

#include <gmock/gmock.h>

#include "auditflow/event/audit_event.hpp"
#include "auditflow/pipeline/analyzer.hpp"
#include "auditflow/pipeline/rule_activity.hpp"

#include "src/pipeline/rule_timer.hpp"
#include "tests/pipeline/pipeline_fixture.hpp"

namespace auditflow::pipeline {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;

std::map<std::string, std::uint64_t> MatchesOf(const RuleActivity& activity) {
  std::map<std::string, std::uint64_t> matches;
  for (const observe::RuleNumbers& rule : activity.Numbers()) matches[rule.rule_id] = rule.matches;
  return matches;
}

/// T-1 counts `action: drop`; under the id T-1 may stand any number of rules.
std::string Rule(const std::string& action, const std::string& rule_id) {
  return "title: On " + action + " " + rule_id + "\nlogsource: {product: test}\ndetection:\n" +
         "  selection: {action: " + action +
         "}\n  condition: selection\nauditflow: {rule_id: " + rule_id + "}\n---\n";
}

class RuleMetricsTest : public PipelineTest {
 protected:
  void RunThroughDetector(Detector& detector, const std::vector<std::string>& events) {
    for (const std::string& json : events) {
      const auto event = event::EventParser().Parse(json);
      ASSERT_TRUE(event);
      const DetectorInput input{&*event, event::IdentityOf(*event)};
      ASSERT_TRUE(detector.Detect({&input, 1}));
    }
  }
};

TEST_F(RuleMetricsTest, CountsEveryRuleAndEachTimeThatACorrelationIsMet) {
  const auto detector = NewDetector();
  RunThroughDetector(*detector, {EventJson(1, "drop", "ann", 0), EventJson(2, "fail", "ann", 1),
                                 EventJson(3, "fail", "ann", 2), EventJson(4, "fail", "ann", 3)});
  EXPECT_THAT(MatchesOf(*detector->activity()),
              ElementsAre(Pair("T-1", 1), Pair("T-2", 1), Pair("failure", 3)));
}

TEST_F(RuleMetricsTest, RulesOfOneIdShareACount) {
  const auto detector = NewDetector(Rule("drop", "T-1") + Rule("fail", "T-1"));
  RunThroughDetector(*detector, {EventJson(1, "drop", "ann", 0), EventJson(2, "fail", "ann", 1)});
  EXPECT_THAT(MatchesOf(*detector->activity()), ElementsAre(Pair("T-1", 2)));
}

TEST_F(RuleMetricsTest, ReloadKeepsTheCountsOfRulesThatStayAndForgetsTheOthers) {
  const auto detector = NewDetector(Rule("drop", "T-1") + Rule("fail", "T-2"));
  const auto activity = detector->activity();
  RunThroughDetector(*detector, {EventJson(1, "drop", "ann", 0), EventJson(2, "fail", "ann", 1)});
  ASSERT_TRUE(detector->Replace(TestRules(Rule("look", "T-0") + Rule("drop", "T-1"))).ok());
  EXPECT_THAT(MatchesOf(*activity), ElementsAre(Pair("T-0", 0), Pair("T-1", 1)));
  RunThroughDetector(*detector, {EventJson(3, "drop", "ann", 2), EventJson(4, "look", "ann", 3)});
  EXPECT_THAT(MatchesOf(*activity), ElementsAre(Pair("T-0", 1), Pair("T-1", 2)));
}

TEST_F(RuleMetricsTest, IsReadWhileRulesAreCountedAndReplaced) {
  const auto rules = TestRules(Rule("drop", "T-1"));
  RuleActivity activity(*rules);
  std::atomic<bool> done{false};
  std::thread reader([&] {
    std::uint64_t last = 0;
    while (!done.load()) {
      const std::uint64_t now = activity.Numbers().at(0).matches;
      EXPECT_GE(now, last);
      last = now;
    }
  });
  const match::RuleIndex rule = 0;
  for (int i = 0; i < 20'000; ++i) {
    activity.CountMatches({&rule, 1});
    if (i % 1000 == 0) activity.UseRules(*rules);
  }
  done.store(true);
  reader.join();
  EXPECT_EQ(activity.Numbers().at(0).matches, 20'000U);
}

TEST_F(RuleMetricsTest, AnalyzerShowsThemUntilItOrTheRuleIsGone) {
  const auto publisher = broker_.NewPublisher("alerts");
  const auto consumer = broker_.NewConsumer("events");
  AnalyzerOptions options;
  options.max_wait = Duration{0};
  Publish("events", {EventJson(1, "drop", "ann", 0), EventJson(2, "drop", "ann", 1)});
  {
    Analyzer analyzer(*consumer, *publisher, NewDetector(Rule("drop", "T-1") + Rule("fail", "T-2")),
                      pipeline_metrics_.analysis(), health_, options);
    ASSERT_TRUE(analyzer.RunOnce(stop_.get_token()));
    EXPECT_THAT(metrics_.Render(), HasSubstr("# TYPE auditflow_rule_matches_total counter\n"
                                             "auditflow_rule_matches_total{rule_id=\"T-1\"} 2\n"
                                             "auditflow_rule_matches_total{rule_id=\"T-2\"} 0\n"));
    analyzer.UseRules(TestRules(Rule("drop", "T-1")));
    ASSERT_TRUE(analyzer.RunOnce(stop_.get_token()));
    EXPECT_THAT(metrics_.Render(), HasSubstr("auditflow_rule_matches_total{rule_id=\"T-1\"} 2\n"));
    EXPECT_THAT(metrics_.Render(), Not(HasSubstr("T-2")));
  }
  EXPECT_THAT(metrics_.Render(), Not(HasSubstr("T-1")));
}

TEST_F(RuleMetricsTest, NumbersOfSeveralAnalyzersAreSummed) {
  observe::RuleMetrics& rules = pipeline_metrics_.analysis().rules;
  const auto one = rules.Add([] {
    return std::vector<observe::RuleNumbers>{{"A", 1, 64, 0.5}, {"B", 5, 0, 0}};
  });
  auto two = rules.Add([] { return std::vector<observe::RuleNumbers>{{"A", 2, 0, 0}}; });
  EXPECT_THAT(metrics_.Render(), HasSubstr("auditflow_rule_matches_total{rule_id=\"A\"} 3\n"
                                           "auditflow_rule_matches_total{rule_id=\"B\"} 5\n"));
  EXPECT_THAT(metrics_.Render(),
              HasSubstr("auditflow_rule_timed_seconds_total{rule_id=\"A\"} 0.5\n"));
  EXPECT_THAT(metrics_.Render(), Not(HasSubstr("timed_events_total{rule_id=\"B\"}")));
  two.reset();
  EXPECT_THAT(metrics_.Render(), HasSubstr("auditflow_rule_matches_total{rule_id=\"A\"} 1\n"));
}

/// Every look at it takes a microsecond.
class TickingClock final : public Clock {
 public:
  [[nodiscard]] Timestamp Now() const override { return {}; }
  [[nodiscard]] Duration Monotonic() const override {
    ++looks;
    return now += std::chrono::microseconds(1);
  }
  bool SleepFor(Duration /*d*/, const std::stop_token& /*stop*/) override { return true; }

  mutable Duration now{0};
  mutable int looks = 0;
};

TEST_F(RuleMetricsTest, RulesAreMeasuredInTurnAndNoMoreThanTheirShareOfTheTime) {
  TickingClock clock;
  const auto rules = TestRules(Rule("drop", "T-1") + Rule("fail", "T-2"));
  RuleActivity activity(*rules);
  RuleTimer timer(*rules, 0.0001, clock);
  const auto event = event::EventParser().Parse(EventJson(1, "drop", "ann", 0));
  const std::vector<DetectorInput> batch(3, {&*event, event::IdentityOf(*event)});
  const auto timed = [&] {
    std::map<std::string, std::uint64_t> events;
    for (const auto& rule : activity.Numbers()) events[rule.rule_id] = rule.timed_events;
    return events;
  };
  timer.Sample(batch, activity);
  EXPECT_THAT(timed(), ElementsAre(Pair("T-1", 0), Pair("T-2", 0))) << "not before its first rest";
  clock.now += std::chrono::milliseconds(20);
  timer.Sample(batch, activity);
  EXPECT_THAT(timed(), ElementsAre(Pair("T-1", 3), Pair("T-2", 0)));
  // It took 5 looks or more, so 5 µs: at a share of 0.0001 that makes 50 ms of rest.
  clock.now += std::chrono::milliseconds(30);
  timer.Sample(batch, activity);
  EXPECT_THAT(timed(), ElementsAre(Pair("T-1", 3), Pair("T-2", 0)));
  clock.now += std::chrono::milliseconds(100);
  timer.Sample(batch, activity);
  EXPECT_THAT(timed(), ElementsAre(Pair("T-1", 3), Pair("T-2", 3)));
  clock.now += std::chrono::milliseconds(100);
  timer.Sample(batch, activity);
  EXPECT_THAT(timed(), ElementsAre(Pair("T-1", 6), Pair("T-2", 3)));
}

TEST_F(RuleMetricsTest, NothingIsMeasuredIfThatIsSwitchedOff) {
  TickingClock clock;
  const auto rules = TestRules(Rule("drop", "T-1"));
  RuleActivity activity(*rules);
  RuleTimer timer(*rules, 0, clock);
  clock.now += std::chrono::hours(1);
  const auto event = event::EventParser().Parse(EventJson(1, "drop", "ann", 0));
  const DetectorInput input{&*event, event::IdentityOf(*event)};
  timer.Sample({&input, 1}, activity);
  EXPECT_EQ(activity.Numbers().at(0).timed_events, 0U);
}

}  // namespace
}  // namespace auditflow::pipeline
