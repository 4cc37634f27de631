#include "auditflow/pipeline/code_rule.hpp"

#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>  // NOLINT(modernize-deprecated-headers): mkdtemp is POSIX

#include "auditflow/alert/alert.hpp"
#include "auditflow/match/code_runner.hpp"
#include "auditflow/match/matcher.hpp"
#include "auditflow/observe/logging.hpp"
#include "auditflow/pipeline/analyzer.hpp"
#include "auditflow/pipeline/rule_reloader.hpp"
#include "auditflow/pipeline/scanner.hpp"

#include "tests/pipeline/pipeline_fixture.hpp"

namespace auditflow::pipeline {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

bool ActionIs(const event::Event& event, std::string_view action) {
  return event::TextAt(event, "action") == action;
}

CodeRule Rule(std::string name, sigma::RuleCode code) {
  CodeRule rule;
  rule.document.metadata.title = "Rule " + name;
  rule.document.metadata.name = std::move(name);
  rule.document.code = MakeRuleCode(std::move(code));
  return rule;
}

CodeRule OnAction(std::string name, std::string action) {
  return Rule(std::move(name),
              [action](const event::Event& event) { return ActionIs(event, action); });
}

RulePackageOptions With(std::vector<CodeRule> rules) {
  RulePackageOptions options;
  options.code_rules = std::move(rules);
  return options;
}

std::shared_ptr<const RulePackage> Package(std::string_view yaml,
                                           const RulePackageOptions& options) {
  return BuildRulePackage(yaml.empty() ? sigma::LoadResult() : sigma::LoadText(yaml, "test.yml"),
                          options);
}

std::vector<std::string> Reports(const RulePackage& package) {
  std::vector<std::string> texts;
  for (const sigma::Diagnostic& diagnostic : package.diagnostics) {
    texts.push_back(diagnostic.ToString());
  }
  return texts;
}

class CodeRuleTest : public PipelineTest {
 protected:
  std::unique_ptr<Detector> Detect(std::string_view yaml, const RulePackageOptions& options,
                                   const DetectorOptions& detection = {}) {
    auto detector = Detector::Create(Package(yaml, options), detection, clock_);
    EXPECT_TRUE(detector) << detector.error().ToString();
    return std::move(*detector);
  }

  static std::vector<alert::Alert> Alerts(Detector& detector, const std::string& json) {
    const auto event = event::EventParser().Parse(json);
    EXPECT_TRUE(event) << event.error().ToString();
    const DetectorInput input{&*event, event::IdentityOf(*event)};
    auto detected = detector.Detect({&input, 1});
    EXPECT_TRUE(detected) << detected.error().ToString();
    std::vector<alert::Alert> alerts;
    for (DetectedAlert& each : *detected) alerts.push_back(std::move(each.alert));
    return alerts;
  }

  static std::vector<std::string> Ids(Detector& detector, const std::string& json) {
    std::vector<std::string> ids;
    for (const alert::Alert& alert : Alerts(detector, json)) {
      ids.push_back(alert.analysis_rule.rule_id);
    }
    return ids;
  }

  ManualClock clock_;
};

TEST_F(CodeRuleTest, AlertsBesideSigmaRulesWithItsOwnMetadata) {
  CodeRule rule = OnAction("dropped", "drop");
  rule.document.metadata.id = "6f0b1c1e-0000-4000-8000-0000000000c1";
  rule.document.metadata.level = sigma::Level::kCritical;
  rule.document.metadata.tags = {"attack.impact"};
  const auto detector = Detect(kRules, With({rule}));
  EXPECT_THAT(Reports(detector->rules()), IsEmpty());
  EXPECT_EQ(detector->rules().rule_count(), 4U);
  const auto alerts = Alerts(*detector, EventJson(1, "drop", "ann", 0));
  ASSERT_THAT(alerts, SizeIs(2));
  EXPECT_EQ(alerts[0].analysis_rule.rule_id, rule.document.metadata.id);
  EXPECT_EQ(alerts[0].alert_name, "Rule dropped");
  EXPECT_EQ(alerts[0].severity, "CRITICAL");
  EXPECT_THAT(alerts[0].metadata.tags, ElementsAre("attack.impact"));
  EXPECT_EQ(alerts[1].analysis_rule.rule_id, "T-1");
  EXPECT_EQ(detector->match_count(), 2U);
  EXPECT_THAT(Ids(*detector, EventJson(2, "look", "ann", 1)), IsEmpty());
}

TEST_F(CodeRuleTest, AlertsAsItsTemplateSays) {
  CodeRule rule = OnAction("dropped", "drop");
  rule.alert = AlertTemplateOf(rule.document.metadata);
  rule.alert->alert_type = "DATA_LOSS";
  rule.alert->description = "{user_id} dropped a table";
  const auto detector = Detect("", With({rule}));
  const auto alerts = Alerts(*detector, EventJson(1, "drop", "ann", 0));
  ASSERT_THAT(alerts, SizeIs(1));
  EXPECT_EQ(alerts[0].analysis_rule.rule_id, "dropped");
  EXPECT_EQ(alerts[0].alert_type, "DATA_LOSS");
  EXPECT_EQ(alerts[0].description, "ann dropped a table");
}

constexpr std::string_view kCorrelation = R"(
title: Twice
name: twice
correlation:
  type: event_count
  rules: [RULE]
  group-by: [user_id]
  timespan: 1m
  condition: {gte: 2}
)";

std::string CorrelationOf(std::string_view reference) {
  std::string text(kCorrelation);
  return text.replace(text.find("RULE"), 4, reference);
}

TEST_F(CodeRuleTest, CorrelationsCountItByIdAndByName) {
  constexpr std::string_view kId = "6f0b1c1e-0000-4000-8000-0000000000c1";
  CodeRule rule = OnAction("dropped", "drop");
  rule.document.metadata.id = kId;
  for (const std::string_view reference : {std::string_view("dropped"), kId}) {
    const auto detector = Detect(CorrelationOf(reference), With({rule}));
    EXPECT_THAT(Reports(detector->rules()), IsEmpty());
    EXPECT_THAT(Ids(*detector, EventJson(1, "drop", "ann", 0)), IsEmpty());
    EXPECT_THAT(Ids(*detector, EventJson(2, "look", "ann", 1)), IsEmpty());
    EXPECT_THAT(Ids(*detector, EventJson(3, "drop", "bob", 2)), IsEmpty());
    EXPECT_THAT(Ids(*detector, EventJson(4, "drop", "ann", 3)), ElementsAre("twice"));
  }
}

TEST_F(CodeRuleTest, WindowsOverItSurviveAReplacementOfTheSigmaRules) {
  const RulePackageOptions options = With({OnAction("dropped", "drop")});
  const auto detector = Detect(CorrelationOf("dropped"), options);
  EXPECT_THAT(Ids(*detector, EventJson(1, "drop", "ann", 0)), IsEmpty());
  const auto next = Package(CorrelationOf("dropped") + "---" + std::string(kRules), options);
  ASSERT_TRUE(detector->Replace(next).ok());
  EXPECT_THAT(Ids(*detector, EventJson(2, "drop", "ann", 1)), ElementsAre("T-1", "twice"));
}

TEST_F(CodeRuleTest, FiltersApplyToIt) {
  const auto detector = Detect(R"(
title: Not ann
logsource: {product: test}
filter:
  rules: [dropped]
  selection: {user_id: ann}
  condition: not selection
)",
                               With({[] {
                                 CodeRule rule = OnAction("dropped", "drop");
                                 rule.document.logsource.product = "test";
                                 return rule;
                               }()}));
  EXPECT_THAT(Reports(detector->rules()), IsEmpty());
  EXPECT_THAT(Ids(*detector, EventJson(1, "drop", "ann", 0)), IsEmpty());
  EXPECT_THAT(Ids(*detector, EventJson(2, "drop", "bob", 1)), ElementsAre("dropped"));
}

TEST_F(CodeRuleTest, CodeIsAskedOnlyWhereItsSigmaConditionHolds) {
  int asked = 0;
  CodeRule rule;
  rule.document = sigma::LoadText(R"(
title: Of ann
name: of_ann
logsource: {product: test}
detection: {selection: {user_id: ann}, condition: selection}
)",
                                  "narrow.yml")
                      .rules.detections.at(0);
  rule.document.code = MakeRuleCode([&asked](const event::Event& event) {
    ++asked;
    return ActionIs(event, "drop");
  });
  const auto detector = Detect("", With({rule}));
  EXPECT_THAT(Ids(*detector, EventJson(1, "drop", "ann", 0)), ElementsAre("of_ann"));
  EXPECT_THAT(Ids(*detector, EventJson(2, "look", "ann", 1)), IsEmpty());
  EXPECT_THAT(Ids(*detector, EventJson(3, "drop", "bob", 2)), IsEmpty());
  EXPECT_EQ(asked, 2);
}

TEST_F(CodeRuleTest, RoutedByItsLogsourceAndToEverythingWithoutOne) {
  CodeRule routed = OnAction("routed", "drop");
  routed.document.logsource.category = "database";
  RulePackageOptions options = With({routed, OnAction("everywhere", "drop")});
  sigma::LoadResult map = sigma::LoadText(R"(
title: Database
logsource: {product: test, category: database}
detection: {s: {user_id: db}, condition: s}
)",
                                          "map.yml");
  options.compile.logsource_map =
      std::make_shared<const sigma::LinkedRules>(sigma::Link(std::move(map.rules)).linked);
  const auto detector = Detect("", options);
  EXPECT_THAT(Reports(detector->rules()), IsEmpty());
  EXPECT_EQ(detector->rules().routed_detections, 2U);
  EXPECT_THAT(Ids(*detector, EventJson(1, "drop", "db", 0)), ElementsAre("routed", "everywhere"));
  EXPECT_THAT(Ids(*detector, EventJson(2, "drop", "ann", 0)), ElementsAre("everywhere"));
}

class CodeRuleFailure : public CodeRuleTest {
 protected:
  CodeRuleFailure() {
    observe::log::Options options;
    options.sink = [this](std::string_view line) { log_.emplace_back(line); };
    observe::log::Configure(options);
  }
  ~CodeRuleFailure() override { observe::log::Configure({}); }

  static RulePackageOptions Throwing() {
    return With(
        {Rule("broken",
              [](const event::Event&) -> bool { throw std::runtime_error("no such table"); }),
         Rule("odd", [](const event::Event&) -> bool { throw 7; }), OnAction("sound", "drop")});
  }

  std::vector<std::string> log_;
};

TEST_F(CodeRuleFailure, DisturbsNoOtherRuleIsCountedAndLoggedOncePerInterval) {
  DetectorOptions options;
  options.code_failure_log_interval = std::chrono::minutes(1);
  const auto detector = Detect(kRules, Throwing(), options);
  for (int n = 1; n <= 3; ++n) {
    EXPECT_THAT(Ids(*detector, EventJson(n, "drop", "ann", n)), ElementsAre("sound", "T-1"));
  }
  EXPECT_THAT(detector->CodeFailureCounts(),
              ElementsAre(testing::Pair("broken", 3U), testing::Pair("odd", 3U)));
  ASSERT_THAT(log_, SizeIs(2));
  EXPECT_THAT(log_[0], AllOf(HasSubstr("\"broken\""), HasSubstr("no such table")));
  EXPECT_THAT(log_[1], HasSubstr("\"odd\""));
  clock_.Advance(std::chrono::minutes(1));
  Ids(*detector, EventJson(9, "look", "ann", 9));
  ASSERT_THAT(log_, SizeIs(4));
  EXPECT_THAT(log_[2], HasSubstr("\"held_back\":2"));
}

TEST_F(CodeRuleFailure, CountsGoOnAfterAReplacement) {
  const auto detector = Detect(kRules, Throwing());
  Ids(*detector, EventJson(1, "look", "ann", 1));
  ASSERT_TRUE(detector->Replace(Package("", Throwing())).ok());
  Ids(*detector, EventJson(2, "look", "ann", 2));
  EXPECT_EQ(detector->CodeFailureCounts().at("broken"), 2U);
  EXPECT_THAT(log_, SizeIs(2));
}

TEST_F(CodeRuleFailure, ShowsInTheAnalyzersMetrics) {
  Publish("events", {EventJson(1, "drop", "ann", 0), EventJson(2, "look", "ann", 1)});
  const auto consumer = broker_.NewConsumer("events");
  const auto publisher = broker_.NewPublisher("alerts");
  observe::AnalysisMetrics& metrics = pipeline_metrics_.analysis();
  AnalyzerOptions options;
  options.max_wait = Duration{0};
  Analyzer analyzer(*consumer, *publisher, Detect(kRules, Throwing()), metrics, health_, options);
  EXPECT_EQ(analyzer.RunOnce(stop_.get_token()), 2U);
  EXPECT_EQ(metrics.code_failures.With({"broken"}).Value(), 2);
  EXPECT_EQ(metrics.events.processed.Value(), 2);
  EXPECT_THAT(metrics_.Render(),
              testing::HasSubstr("auditflow_rule_matches_total{rule_id=\"T-1\"} 1\n"));
  EXPECT_THAT(metrics_.Render(),
              testing::HasSubstr("auditflow_rule_matches_total{rule_id=\"broken\"} 0\n"));
  EXPECT_EQ(metrics.rules_loaded.Value(), 6);
  EXPECT_THAT(Drain("alerts"), SizeIs(2));
}

TEST_F(CodeRuleFailure, ScannerCountsItAndFindsTheRest) {
  auto scanner = Scanner::Create(Package(kRules, Throwing()));
  ASSERT_TRUE(scanner);
  const auto event = event::EventParser().Parse(EventJson(1, "drop", "ann", 0));
  std::vector<std::string> found;
  const Status status = (*scanner)->Scan(
      *event, {}, [&found](const Finding& finding) { found.emplace_back(finding.rule_id); });
  EXPECT_TRUE(status.ok());
  EXPECT_THAT(found, ElementsAre("sound", "T-1"));
  EXPECT_EQ((*scanner)->Statistics().code_failures, 2U);
}

TEST_F(CodeRuleTest, WhatCannotBeUsedIsReportedByItsNumber) {
  CodeRule untitled = OnAction("a", "drop");
  untitled.document.metadata.title.clear();
  CodeRule codeless = OnAction("b", "drop");
  codeless.document.code = MakeRuleCode(nullptr);
  CodeRule misprinted = OnAction("c", "drop");
  misprinted.alert = AlertTemplateOf(misprinted.document.metadata);
  misprinted.alert->description = "{open";
  const auto package = Package(
      "", With({untitled, codeless, misprinted, OnAction("d", "drop"), OnAction("d", "look")}));
  EXPECT_THAT(Reports(*package),
              ElementsAre(HasSubstr("rules as code:1:1: error: a rule as code needs a title"),
                          HasSubstr("rules as code:2:1: error: a rule as code needs its code"),
                          HasSubstr("rules as code:3:1: error: alert: description"),
                          HasSubstr("rules as code:5:1: error: the name 'd' belongs")));
  EXPECT_EQ(package->rule_count(), 1U);
}

TEST_F(CodeRuleTest, ReloadKeepsItAndRefusesAFileWithItsId) {
  std::string folder = testing::TempDir() + "auditflow-code-XXXXXX";
  ASSERT_NE(mkdtemp(folder.data()), nullptr);
  const fs::path file = fs::path(folder) / "rule.yml";
  std::ofstream(file) << kRules;
  RuleReloaderOptions options;
  options.paths = {folder};
  options.package = With({OnAction("dropped", "drop")});
  std::vector<std::shared_ptr<const RulePackage>> taken;
  RuleReloader reloader(
      options, LoadWatchedRules(options),
      [&taken](std::shared_ptr<const RulePackage> rules) { taken.push_back(std::move(rules)); },
      pipeline_metrics_.analysis(), health_, clock_);

  std::ofstream(file) << CorrelationOf("dropped");
  EXPECT_TRUE(reloader.Reload().ok());
  ASSERT_THAT(taken, SizeIs(1));
  const auto detector = Detector::Create(taken.back());
  ASSERT_TRUE(detector);
  EXPECT_THAT(Ids(**detector, EventJson(1, "drop", "ann", 0)), IsEmpty());
  EXPECT_THAT(Ids(**detector, EventJson(2, "drop", "ann", 1)), ElementsAre("twice"));

  std::ofstream(file) << "title: Other\nname: dropped\nlogsource: {product: test}\n"
                         "detection: {s: {a: b}, condition: s}\n";
  EXPECT_THAT(reloader.Reload().message(),
              HasSubstr("rule.yml:1:1: error: the name 'dropped' belongs to the rule at rules as "
                        "code:1:1 already"));
  fs::remove(file);
  EXPECT_EQ(reloader.Reload().message(), "no usable rule is left");
  EXPECT_THAT(taken, SizeIs(1));
  fs::remove_all(folder);
}

TEST_F(CodeRuleTest, WorksWithAMatcherAlone) {
  const auto package = Package(kRules, With({OnAction("dropped", "drop")}));
  match::Matcher matcher(package->rule_set);
  match::CodeRunner runner(package->rules);
  const auto drop = event::EventParser().Parse(EventJson(1, "drop", "ann", 0));
  const auto look = event::EventParser().Parse(EventJson(2, "look", "ann", 0));
  EXPECT_THAT(runner.Run(*drop, matcher.Match(*drop)), ElementsAre(0U, 1U));
  EXPECT_THAT(runner.Run(*look, matcher.Match(*look)), IsEmpty());
}

}  // namespace
}  // namespace auditflow::pipeline
