#include <chrono>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/sigma/timespan.hpp"
#include "tests/sigma/load_helpers.hpp"

namespace auditflow::sigma {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

std::string Correlation(const std::string& body) {
  return "title: T\ncorrelation: {" + body + "}\n";
}

/// The one correlation of the text; the test fails if there is none.
CorrelationRule Load(const std::string& text) {
  LoadResult loaded = LoadText(text, "c.yml");
  EXPECT_EQ(loaded.rules.correlations.size(), 1U) << Show(loaded.diagnostics);
  return loaded.rules.correlations.empty() ? CorrelationRule()
                                           : std::move(loaded.rules.correlations[0]);
}

TEST(Correlation, ReadsEveryPart) {
  const CorrelationRule rule = Load(
      "title: Many failures\nname: many\nlevel: high\nlogfoo: kept\ncorrelation:\n"
      "  type: event_count\n  rules:\n    - failed\n    - 6f3e2987-db24-4c78-a860-b4f4095a7095\n"
      "  group-by: [user, host]\n  timespan: 90s\n  condition: {gte: 3, lt: 100}\n"
      "  aliases:\n    user: {failed: User, other: Account}\n  generate: true\n");
  EXPECT_EQ(rule.metadata.name, "many");
  EXPECT_EQ(rule.metadata.level, Level::kHigh);
  EXPECT_NE(rule.metadata.FindCustom("logfoo"), nullptr);
  EXPECT_EQ(rule.type, CorrelationType::kEventCount);
  ASSERT_EQ(rule.rules.size(), 2U);
  EXPECT_EQ(rule.rules[0].rule, "failed");
  EXPECT_EQ(rule.rules[1].location.ToString(), "c.yml:9:7");
  EXPECT_THAT(rule.group_by, ElementsAre("user", "host"));
  EXPECT_EQ(rule.timespan, seconds(90));
  EXPECT_THAT(rule.condition, ElementsAre(Pair(Comparison::kGte, 3), Pair(Comparison::kLt, 100)));
  ASSERT_EQ(rule.aliases.size(), 1U);
  EXPECT_EQ(rule.aliases[0].alias, "user");
  EXPECT_THAT(rule.aliases[0].field_by_rule,
              ElementsAre(Pair("failed", "User"), Pair("other", "Account")));
  EXPECT_TRUE(rule.generate);
}

TEST(Correlation, ReadsEveryType) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"event_count", "condition: {gte: 1}"},
      {"value_count", "condition: {field: f, gte: 1}"},
      {"value_count", "condition: {field: [f, g], neq: 1}"},
      {"value_sum", "condition: {field: f, gt: 1.5}"},
      {"value_avg", "condition: {field: [f], lt: -2.5}"},
      {"value_percentile", "condition: {field: f, lte: 1, percentile: 95}"},
      {"value_percentile", "condition: {field: f, lte: 1}"},
      {"value_median", "condition: {field: f, eq: 1}"},
      {"temporal", "group-by: f"},
      {"temporal", "condition: {gte: 2}"},
      {"temporal_ordered", "generate: false"},
  };
  for (const auto& [type, rest] : cases) {
    const CorrelationRule rule =
        Load(Correlation("type: " + type + ", rules: [a, b], timespan: 1h, " + rest));
    EXPECT_EQ(ToString(rule.type), type);
  }
}

TEST(Correlation, GenerateMayStandInEitherPlace) {
  const std::string body = "type: temporal, rules: [a, b], timespan: 1h";
  EXPECT_FALSE(Load(Correlation(body)).generate);
  EXPECT_TRUE(Load(Correlation(body + ", generate: true")).generate);
  EXPECT_TRUE(Load("generate: true\n" + Correlation(body)).generate);
  EXPECT_THAT(ErrorsOf("generate: true\n" + Correlation(body + ", generate: false")),
              ElementsAre("1:11 contradiction"));
}

TEST(Correlation, ABooleanConditionNamesRules) {
  const CorrelationRule listed =
      Load(Correlation("type: temporal, rules: [a, b, c], timespan: 1h, condition: a and not b"));
  ASSERT_TRUE(listed.rule_condition.has_value());
  EXPECT_EQ(listed.rule_condition->kind, Condition::Kind::kAnd);
  EXPECT_EQ(listed.rules.size(), 3U);

  const CorrelationRule unlisted =
      Load(Correlation("type: temporal, timespan: 1h, condition: x and (y or x)"));
  ASSERT_EQ(unlisted.rules.size(), 2U);
  EXPECT_EQ(unlisted.rules[1].rule, "y");
}

TEST(Correlation, RefusesWhatItCannotMean) {
  // The map starts in line 2, column 14.
  const std::string count = "type: event_count, rules: a, timespan: 1h, ";
  const std::string value = "type: value_sum, rules: a, timespan: 1h, ";
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"rules: a, timespan: 1h", "missing-field"},
      {"type: temporal, timespan: 1h", "missing-field"},
      {"type: temporal, rules: [a, b]", "missing-field"},
      {"type: temporl, rules: [a], timespan: 1h", "unknown-value"},
      {"type: 5, rules: [a], timespan: 1h", "wrong-type"},
      {"type: temporal, rules: 5, timespan: 1h", "wrong-type"},
      {"type: temporal, rules: [[a]], timespan: 1h", "wrong-type"},
      {"type: temporal, rules: {a: b}, timespan: 1h", "wrong-type"},
      {"type: temporal, rules: [], timespan: 1h", "empty-list"},
      {"type: temporal, rules: [''], timespan: 1h", "empty-value"},
      {"type: temporal, rules: [a], timespan: 1h, gap: 5m", "unknown-field"},
      {"type: temporal, rules: [a], timespan: 1h, group-by: 5", "wrong-type"},
      {"type: temporal, rules: [a], timespan: 1h, group-by: [a, '']", "empty-value"},
      {"type: temporal, rules: [a], timespan: 5 minutes", "wrong-timespan"},
      {"type: temporal, rules: [a], timespan: 0s", "wrong-timespan"},
      {"type: temporal, rules: [a], timespan: 5", "wrong-timespan"},
      {"type: temporal, rules: [a], timespan: [5m]", "wrong-type"},
      {"type: temporal, rules: [a], timespan: 1h, generate: maybe", "wrong-type"},
      {"type: temporal, rules: [a], timespan: 1h, aliases: [x]", "wrong-type"},
      {"type: temporal, rules: [a], timespan: 1h, aliases: {x: y}", "wrong-type"},
      {"type: temporal, rules: [a], timespan: 1h, aliases: {x: {a: 5}}", "wrong-type"},
      {"type: temporal, rules: [a], timespan: 1h, condition: a and b", "unknown-identifier"},
      {"type: temporal, rules: [a], timespan: 1h, condition: 1 of them", "correlation-selector"},
      {"type: temporal, rules: [a], timespan: 1h, condition: a and", "condition-syntax"},
      {"type: temporal, rules: [a], timespan: 1h, condition: {field: f, gte: 1}", "unknown-field"},
      {"type: event_count, rules: a, timespan: 1h", "missing-field"},
      {count + "condition: a", "wrong-type"},
      {count + "condition: 5", "wrong-type"},
      {count + "condition: {}", "missing-field"},
      {count + "condition: {gte: x}", "wrong-type"},
      {count + "condition: {gte: '5'}", "wrong-type"},
      {count + "condition: {gte: 1.5}", "wrong-type"},
      {count + "condition: {gte: -1}", "wrong-type"},
      {count + "condition: {gte: .inf}", "wrong-type"},
      {count + "condition: {gte: ~}", "wrong-type"},
      {count + "condition: {gte: 1, field: f}", "unknown-field"},
      {count + "condition: {ge: 1, gte: 1}", "unknown-field"},
      {value + "condition: {gte: 1}", "missing-field"},
      {value + "condition: {gte: 1, field: [a, b]}", "wrong-value"},
      {value + "condition: {gte: 1, field: 5}", "wrong-type"},
      {value + "condition: {gte: 1, field: []}", "empty-value"},
      {value + "condition: {gte: 1, field: f, percentile: 5}", "unknown-field"},
      {"type: value_percentile, rules: a, timespan: 1h, condition: {gte: 1, field: f, "
       "percentile: 101}",
       "wrong-type"},
  };
  for (const auto& [body, code] : cases) {
    EXPECT_THAT(ErrorsOf(Correlation(body)), ElementsAre(testing::EndsWith(" " + code))) << body;
  }
  EXPECT_THAT(ErrorsOf("title: T\ncorrelation: [x]\n"), ElementsAre("2:14 wrong-type"));
}

TEST(Correlation, HelpsWithMisspellings) {
  EXPECT_THAT(
      Show(LoadText(Correlation("type: event_cuont, rules: a, timespan: 1h"), "c.yml").diagnostics),
      HasSubstr("did you mean 'event_count'?"));
  EXPECT_THAT(
      Show(LoadText(Correlation("type: temporal, rules: a, timeframe: 1h"), "c.yml").diagnostics),
      HasSubstr("did you mean 'timespan'?"));
}

TEST(Correlation, WarnsOfRangesThatHoldNoNumber) {
  const std::string head = "type: event_count, rules: a, timespan: 1h, condition: ";
  EXPECT_THAT(WarningsOf(Correlation(head + "{gt: 5, lt: 3}")),
              ElementsAre(testing::EndsWith("never-true")));
  EXPECT_THAT(WarningsOf(Correlation(head + "{gte: 5, lt: 5}")),
              ElementsAre(testing::EndsWith("never-true")));
  EXPECT_THAT(WarningsOf(Correlation(head + "{gte: 5, lte: 5}")), IsEmpty());
}

TEST(Correlation, WarnsOfAliasesThatGroupNothing) {
  EXPECT_THAT(
      WarningsOf(Correlation("type: temporal, rules: [a], timespan: 1h, aliases: {x: {a: f}}")),
      ElementsAre(testing::EndsWith("unused-alias")));
}

TEST(Correlation, IsADocumentOfItsOwn) {
  EXPECT_THAT(ErrorsOf(RuleWithItem("a: 1") + "correlation: {type: temporal}\n"),
              ElementsAre("1:1 mixed-document"));
}

TEST(Timespan, UnitsAreThoseOfTheSpecificationAndItsParsers) {
  const std::vector<std::pair<std::string, std::int64_t>> cases = {
      {"1s", 1},         {"90s", 90},        {"5m", 300},
      {"2h", 7'200},     {"1d", 86'400},     {"1w", 604'800},
      {"1M", 2'629'746}, {"1y", 31'556'952}, {"292y", 292 * std::int64_t{31'556'952}},
  };
  std::string problem;
  for (const auto& [text, expected] : cases) {
    EXPECT_EQ(ParseTimespan(text, &problem), seconds(expected)) << text;
  }
  for (const std::string text :
       {"", "s", "5", "5x", "-5s", "+5s", " 5s", "5 s", "5s ", "1.5h", "0s", "00m", "5ms", "293y",
        "99999999999999999999s", "18446744073709551615y"}) {
    EXPECT_FALSE(ParseTimespan(text, &problem)) << text;
  }
}

}  // namespace
}  // namespace auditflow::sigma
