#include "auditflow/match/explain.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "auditflow/sigma/loader.hpp"

namespace auditflow::match {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Kind = ExplainedNode::Kind;

std::shared_ptr<const sigma::LinkedRules> Load(std::string_view yaml, sigma::FilterMode mode = {}) {
  sigma::LoadResult loaded = sigma::LoadText(yaml, "rule.yml");
  EXPECT_FALSE(sigma::HasErrors(loaded.diagnostics)) << loaded.diagnostics[0].ToString();
  return std::make_shared<const sigma::LinkedRules>(
      sigma::Link(std::move(loaded.rules), {mode}).linked);
}

Explanation ExplainRule(const sigma::LinkedRules& rules, std::string_view json,
                        const CompileOptions& compile = {}, const ExplainOptions& options = {}) {
  const auto event = event::EventParser().Parse(json);
  EXPECT_TRUE(event) << event.error().ToString();
  auto explanation = Explainer(rules, *event, compile, options).Explain(0);
  EXPECT_TRUE(explanation) << explanation.error().ToString();
  return std::move(*explanation);
}

/// The one item of a rule `selection: {…}`.
ExplainedNode ExplainItem(const std::string& item, std::string_view json,
                          const ExplainOptions& options = {}) {
  const auto rules = Load("title: T\nlogsource: {product: p}\ndetection:\n  selection:\n    " +
                          item + "\n  condition: selection\n");
  const Explanation explanation = ExplainRule(*rules, json, {}, options);
  return explanation.conditions.at(0).children.at(0).children.at(0);
}

constexpr std::string_view kRule = R"(title: Shell
logsource: {product: windows, category: process_creation}
detection:
  selection_image:
    Image|endswith: ['\cmd.exe', '\powershell.exe']
    User: admin
  selection_command:
    - CommandLine|contains: whoami
    - whoami
  filter:
    Parent: trusted
  condition: 1 of selection_* and not filter
)";

TEST(Explainer, TreeFollowsTheCondition) {
  const Explanation explanation = ExplainRule(
      *Load(kRule), R"({"Image": "C:\\powershell.exe", "User": "guest", "x": {"y": ["Whoami"]}})");
  EXPECT_TRUE(explanation.matches);
  EXPECT_FALSE(explanation.routing);
  const ExplainedNode& top = explanation.conditions.at(0);
  EXPECT_EQ(top.kind, Kind::kAnd);
  const ExplainedNode& selector = top.children.at(0);
  EXPECT_EQ(selector.kind, Kind::kSelector);
  EXPECT_EQ(selector.name, "1 of selection_*");
  EXPECT_TRUE(selector.holds);
  EXPECT_EQ(selector.children.at(0).name, "selection_image");
  EXPECT_FALSE(selector.children.at(0).holds);
  EXPECT_EQ(selector.children.at(0).children.at(0).kind, Kind::kAllOf);
  EXPECT_TRUE(selector.children.at(1).holds);
  const ExplainedNode& list = selector.children.at(1).children.at(0);
  EXPECT_EQ(list.kind, Kind::kAnyOf);
  EXPECT_FALSE(list.children.at(0).children.at(0).holds);
  const ExplainedNode& negation = top.children.at(1);
  EXPECT_EQ(negation.kind, Kind::kNot);
  EXPECT_TRUE(negation.holds);
  EXPECT_FALSE(negation.children.at(0).holds);
}

TEST(Explainer, ItemNamesTheDecisiveValueThePlaceAndTheEventsValue) {
  const Explanation explanation =
      ExplainRule(*Load(kRule), R"({"Image": ["a", "C:\\PowerShell.exe"], "User": "guest"})");
  const ExplainedNode& map = explanation.conditions[0].children[0].children[0].children[0];
  const ExplainedNode& image = map.children.at(0);
  EXPECT_TRUE(image.holds);
  EXPECT_EQ(image.location.ToString(), "rule.yml:5:5");
  const ExplainedItem& item = *image.item;
  EXPECT_THAT(item.event_fields, ElementsAre("Image"));
  EXPECT_THAT(item.modifiers, ElementsAre(sigma::Modifier::kEndsWith));
  EXPECT_EQ(item.event_value_count, 2U);
  EXPECT_EQ(item.value_count, 2U);
  EXPECT_EQ(item.holding_values, 1U);
  const ExplainedValue& decisive = item.values.at(item.decisive.value());
  EXPECT_EQ(decisive.text, "\\powershell.exe");
  EXPECT_EQ(decisive.location.ToString(), "rule.yml:5:34");
  EXPECT_EQ(decisive.by.value().text, "C:\\PowerShell.exe");
  const ExplainedItem& user = *map.children.at(1).item;
  EXPECT_FALSE(user.decisive);
  EXPECT_EQ(user.event_values.at(0).text, "guest");
}

TEST(Explainer, KeywordSaysAtWhichPathItWasFound) {
  const ExplainedNode item =
      ExplainItem("- whoami", R"({"a": 1, "x": {"y": ["b", "Whoami /all"]}})");
  const ExplainedValue& value = item.item->values.at(0);
  EXPECT_TRUE(value.holds);
  EXPECT_EQ(value.by.value().field, "x.y");
  EXPECT_EQ(value.by->text, "Whoami /all");
}

TEST(Explainer, OfAllTheFirstThatFailsDecides) {
  const ExplainedNode item = ExplainItem("a|contains|all: [x, y, z]", R"({"a": "xz"})");
  EXPECT_FALSE(item.holds);
  EXPECT_EQ(item.item->holding_values, 2U);
  EXPECT_EQ(item.item->values.at(item.item->decisive.value()).text, "y");
  const ExplainedNode good = ExplainItem("a|contains|all: [x, z]", R"({"a": "xz"})");
  EXPECT_TRUE(good.holds);
  EXPECT_FALSE(good.item->decisive) << "the whole list decides";
}

TEST(Explainer, NegatedItemFailsByTheValueThatHolds) {
  const ExplainedNode item = ExplainItem("a|neq: [x, y]", R"({"a": "y"})");
  EXPECT_FALSE(item.holds);
  EXPECT_EQ(item.item->values.at(item.item->decisive.value()).text, "y");
}

TEST(Explainer, MissingFieldHasNoNamesAndNullHolds) {
  const ExplainedNode item = ExplainItem("a: null", R"({"b": 1})");
  EXPECT_TRUE(item.holds);
  EXPECT_THAT(item.item->event_fields, IsEmpty());
  EXPECT_FALSE(item.item->values.at(0).by);
  EXPECT_EQ(item.item->values.at(0).text, "null");
  EXPECT_TRUE(ExplainItem("a|exists: false", R"({"b": 1})").holds);
}

TEST(Explainer, FieldReferenceIsAskedOfTheOtherField) {
  const ExplainedNode item = ExplainItem("a|fieldref: b", R"({"a": ["n", "m"], "b": "m"})");
  EXPECT_TRUE(item.holds);
  EXPECT_EQ(item.item->values.at(0).by.value().text, "m");
}

TEST(Explainer, TextsAndListsAreCutAtTheirLimits) {
  ExplainOptions options;
  options.max_text_bytes = 4;
  options.max_values = 2;
  options.max_event_values = 1;
  const ExplainedNode item =
      ExplainItem("a|contains: [ooo, no, nö, ö, u]", R"({"a": ["xxxöxxxx", "u"]})", options);
  EXPECT_EQ(item.item->event_values.at(0).text, "xxx") << "not within a code point";
  EXPECT_EQ(item.item->event_values.at(0).bytes, 9U);
  EXPECT_EQ(item.item->event_values.size(), 1U);
  EXPECT_EQ(item.item->event_value_count, 2U);
  EXPECT_EQ(item.item->values.size(), 2U);
  EXPECT_EQ(item.item->value_count, 5U);
  EXPECT_EQ(item.item->values.at(0).text, "ö") << "what holds is named before what does not";
  EXPECT_EQ(item.item->values.at(1).text, "u");
}

TEST(Explainer, WhatDecidesIsNamedHoweverLongTheListIs) {
  ExplainOptions options;
  options.max_values = 2;
  const ExplainedNode item =
      ExplainItem("a|contains|all: [a, b, c, d]", R"({"a": "abc"})", options);
  EXPECT_EQ(item.item->values.at(item.item->decisive.value()).text, "d");
  EXPECT_EQ(item.item->values.size(), 2U);
}

TEST(Explainer, ContentOfAnIdentifierIsGivenOnce) {
  const Explanation explanation = ExplainRule(
      *Load(
          "title: T\nlogsource: {product: p}\ndetection:\n  s: {a: 1}\n  condition: s or not s\n"),
      R"({"a": 1})");
  const ExplainedNode& top = explanation.conditions.at(0);
  EXPECT_FALSE(top.children.at(0).repeated);
  EXPECT_TRUE(top.children.at(1).children.at(0).repeated);
  EXPECT_TRUE(top.children.at(1).children.at(0).holds);
  EXPECT_THAT(top.children.at(1).children.at(0).children, IsEmpty());
}

TEST(Explainer, TreeIsBounded) {
  ExplainOptions options;
  options.max_nodes = 3;
  const Explanation explanation = ExplainRule(*Load(kRule), R"({"Image": "x"})", {}, options);
  EXPECT_TRUE(explanation.conditions.at(0).incomplete);
  EXPECT_FALSE(explanation.matches);
}

constexpr std::string_view kMap = R"(
title: Process creation
logsource: {product: windows, category: process_creation}
detection: {s: {EventID: 4688}, condition: s}
auditflow: {fields: {Image: NewProcessName}}
---
title: Security log
logsource: {product: windows, service: security}
detection: {s: {Channel: Security}, condition: s}
)";

CompileOptions WithMap() {
  CompileOptions options;
  options.logsource_map = Load(kMap);
  return options;
}

TEST(Explainer, FieldsAreFoundUnderTheNamesOfTheMap) {
  const Explanation explanation = ExplainRule(
      *Load(kRule), R"({"EventID": 4688, "NewProcessName": "C:\\cmd.exe", "User": "admin"})",
      WithMap());
  EXPECT_TRUE(explanation.matches);
  EXPECT_TRUE(explanation.routing.value().reaches);
  EXPECT_THAT(explanation.routing->event_logsources, ElementsAre("windows/process_creation/"));
  const ExplainedNode& map = explanation.conditions[0].children[0].children[0].children[0];
  const ExplainedItem& item = *map.children.at(0).item;
  EXPECT_THAT(item.event_fields, ElementsAre("NewProcessName"));
  EXPECT_THAT(item.other_names, ElementsAre("NewProcessName"));
  EXPECT_EQ(item.values.at(0).by.value().field, "NewProcessName");
}

TEST(Explainer, UnroutedEventSaysWhichPartOfTheMapFailed) {
  const Explanation explanation =
      ExplainRule(*Load(kRule), R"({"Channel": "Security", "EventID": 1, "Image": "\\cmd.exe",
                                   "User": "admin"})",
                  WithMap());
  EXPECT_FALSE(explanation.matches);
  EXPECT_TRUE(explanation.holds);
  const ExplainedRouting& routing = explanation.routing.value();
  EXPECT_FALSE(routing.reaches);
  EXPECT_THAT(routing.event_logsources, ElementsAre("windows//security"));
  ASSERT_EQ(routing.routes.size(), 1U);
  EXPECT_EQ(routing.routes[0].title, "Process creation");
  EXPECT_FALSE(routing.routes[0].holds);
  const ExplainedNode& item = routing.routes[0].conditions[0].children[0].children[0];
  EXPECT_FALSE(item.holds);
  EXPECT_EQ(item.item->event_values.at(0).text, "1");
}

TEST(Explainer, RuleWithoutALogsourceIsReachedByEveryEvent) {
  sigma::LinkedRules rules =
      *Load("title: T\nlogsource: {product: p}\ndetection: {s: {a: 1}, condition: s}\n");
  EXPECT_FALSE(ExplainRule(rules, R"({"a": 1})", WithMap()).matches);
  rules.rules.detections[0].logsource = {};  // as rules as code may be
  EXPECT_TRUE(ExplainRule(rules, R"({"a": 1})", WithMap()).matches);
}

TEST(Explainer, FiltersSayWhatTheyMeanForTheRule) {
  constexpr std::string_view kFiltered = R"(title: T
id: 11111111-1111-4111-8111-111111111111
logsource: {product: p}
detection: {s: {a: 1}, condition: s}
---
title: Only from home
logsource: {product: p}
filter:
  rules: [11111111-1111-4111-8111-111111111111]
  home: {b: home}
  condition: home
)";
  for (const bool suppress : {false, true}) {
    const auto rules =
        Load(kFiltered, suppress ? sigma::FilterMode::kSuppress : sigma::FilterMode::kAsWritten);
    const Explanation explanation = ExplainRule(*rules, R"({"a": 1, "b": "home"})");
    ASSERT_EQ(explanation.filters.size(), 1U);
    EXPECT_EQ(explanation.filters[0].title, "Only from home");
    EXPECT_TRUE(explanation.filters[0].holds);
    EXPECT_EQ(explanation.filters[0].lets_pass, !suppress);
    EXPECT_EQ(explanation.matches, !suppress);
  }
}

TEST(Explainer, RuleThatCannotBeEvaluatedIsAnErrorWithItsPlace) {
  const auto rules = Load(
      "title: T\nlogsource: {product: p}\ndetection:\n  s: {'a|re': '(?<=x)y'}\n  condition: s\n");
  const auto event = event::EventParser().Parse("{}");
  const Explainer explainer(*rules, *event);
  EXPECT_THAT(explainer.Explain(0).error().message(), HasSubstr("rule.yml:4:"));
  EXPECT_FALSE(explainer.Explain(1));
  EXPECT_FALSE(explainer.Reaches(1));
}

}  // namespace
}  // namespace auditflow::match
