// Correlations over fields that a logsource map finds elsewhere, or gives other values.
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "auditflow/pipeline/correlation_explanation.hpp"
#include "auditflow/pipeline/detector.hpp"

#include "tests/pipeline/pipeline_fixture.hpp"

namespace auditflow::pipeline {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::string_view kMap = R"(
title: Account log
logsource: {product: windows}
detection: {s: {kind: account}, condition: s}
auditflow:
  fields:
    User: {text: '%Domain%\%Name%'}
    Size: {from: Amount, values: {none: '0'}}
    Outcome: {from: Code, values: {'5': denied}, instead: true}
)";

constexpr std::string_view kBase = R"(
title: Failure
name: failure
logsource: {product: windows}
detection: {s: {act: fail}, condition: s}
---
title: Failures
name: failures
id: 6f0b1c1e-0000-4000-8000-000000000002
correlation: )";

class MappedCorrelation : public PipelineTest {
 protected:
  void Use(const std::string& rules, bool map_fields = true) {
    RulePackageOptions options;
    options.compile.map_fields = map_fields;
    options.compile.logsource_map = std::make_shared<const sigma::LinkedRules>(
        sigma::Link(sigma::LoadText(kMap, "map.yml").rules).linked);
    package_ = BuildRulePackage(sigma::LoadText(rules, "rules.yml"), options);
    EXPECT_FALSE(sigma::HasErrors(package_->diagnostics)) << package_->diagnostics[0].ToString();
    auto detector = Detector::Create(package_, {}, clock_);
    ASSERT_TRUE(detector) << detector.error().ToString();
    detector_ = std::move(*detector);
  }

  /// The ids of the rules that alert at one more event with these members.
  std::vector<std::string> Feed(const std::string& members) {
    const std::string json = R"({"event_id":"00000000-0000-4000-8000-00000000000)" +
                             std::to_string(count_++) + R"(","kind":"account","act":"fail",)" +
                             members + "}";
    const auto event = event::EventParser().Parse(json);
    EXPECT_TRUE(event) << event.error().ToString();
    const DetectorInput input{&*event, event::IdentityOf(*event, {})};
    auto alerts = detector_->Detect({&input, 1});
    EXPECT_TRUE(alerts) << alerts.error().ToString();
    std::vector<std::string> ids;
    if (!alerts) return ids;
    for (const DetectedAlert& detected : *alerts) {
      ids.push_back(detected.alert.analysis_rule.rule_id);
    }
    return ids;
  }

  ManualClock clock_{Timestamp::FromUnixNanos(1'700'000'000'000'000'000)};
  std::shared_ptr<const RulePackage> package_;
  std::unique_ptr<Detector> detector_;
  int count_ = 0;
};

TEST_F(MappedCorrelation, GroupsByWhatRulesSee) {
  Use(std::string(kBase) +
      "{type: event_count, rules: [failure], group-by: [User], timespan: 1m, condition: {gte: 2}}");
  EXPECT_THAT(Feed(R"("Domain":"CORP","Name":"ann")"), IsEmpty());
  EXPECT_THAT(Feed(R"("Domain":"CORP","Name":"bob")"), IsEmpty());
  EXPECT_THAT(Feed(R"("Name":"ann")"), IsEmpty());
  EXPECT_EQ(Feed(R"("User":"CORP\\ann")").size(), 1U);
  EXPECT_EQ(detector_->Statistics().missing_group_field, 1U);
}

TEST_F(MappedCorrelation, WithoutFieldMappingTheEventItselfCounts) {
  Use(std::string(kBase) +
          "{type: event_count, rules: [failure], group-by: [User], timespan: 1m, "
          "condition: {gte: 1}}",
      false);
  EXPECT_THAT(Feed(R"("Domain":"CORP","Name":"ann")"), IsEmpty());
  EXPECT_EQ(Feed(R"("User":"CORP\\ann")").size(), 1U);
}

TEST_F(MappedCorrelation, CountsAndAddsWhatRulesSee) {
  Use(std::string(kBase) +
      "{type: value_count, rules: [failure], timespan: 1m, condition: {field: User, gte: 2}}");
  EXPECT_THAT(Feed(R"("Domain":"CORP","Name":"ann")"), IsEmpty());
  EXPECT_THAT(Feed(R"("User":"CORP\\ann")"), IsEmpty());
  EXPECT_EQ(Feed(R"("Domain":"CORP","Name":"bob")").size(), 1U);

  Use(std::string(kBase) +
      "{type: value_sum, rules: [failure], timespan: 1m, condition: {field: Size, gte: 10}}");
  EXPECT_THAT(Feed(R"("Amount":7)"), IsEmpty());
  EXPECT_THAT(Feed(R"("Amount":"none")"), IsEmpty());
  EXPECT_EQ(Feed(R"("Amount":3)").size(), 1U);
  EXPECT_EQ(detector_->Statistics().missing_value, 0U);
}

TEST_F(MappedCorrelation, AMappedValueStandsInsteadOfTheEventsOwn) {
  Use(std::string(kBase) +
      "{type: event_count, rules: [failure], group-by: [Outcome], timespan: 1m, "
      "condition: {gte: 2}}");
  EXPECT_THAT(Feed(R"("Outcome":"x","Code":5)"), IsEmpty());
  EXPECT_THAT(Feed(R"("Outcome":"x")"), IsEmpty());
  EXPECT_THAT(Feed(R"("Outcome":"denied","Code":null)"), IsEmpty());
  EXPECT_EQ(Feed(R"("Code":"5")").size(), 1U);
}

TEST_F(MappedCorrelation, HoldsForCorrelationsOfCorrelationsAndAliases) {
  Use(std::string(kBase) + R"(
  {type: event_count, rules: [failure], timespan: 1m, condition: {gte: 2}}
---
title: Often
id: 6f0b1c1e-0000-4000-8000-000000000003
correlation:
  type: event_count
  rules: [failures]
  aliases: {who: {failures: User}}
  group-by: [who]
  timespan: 1m
  condition: {gte: 1}
)");
  EXPECT_THAT(Feed(R"("Domain":"CORP","Name":"ann")"), IsEmpty());
  EXPECT_EQ(Feed(R"("Domain":"CORP","Name":"ann")").size(), 1U);
  EXPECT_EQ(detector_->Statistics().missing_group_field, 0U);
}

TEST_F(MappedCorrelation, IsExplained) {
  Use(std::string(kBase) +
      "{type: event_count, rules: [failure], group-by: [User], timespan: 1m, condition: {gte: 2}}");
  const auto event =
      event::EventParser().Parse(R"({"kind":"account","act":"fail","Domain":"CORP","Name":"ann"})");
  ASSERT_TRUE(event);
  const match::Explainer explainer(*package_->rules, *event, package_->compile);
  const auto references = ExplainReferences(*package_, 0, explainer, *event);
  ASSERT_EQ(references.size(), 1U);
  EXPECT_TRUE(references[0].matches);
  EXPECT_EQ(references[0].fields.group.at(0).value, "CORP\\ann");
}

}  // namespace
}  // namespace auditflow::pipeline
