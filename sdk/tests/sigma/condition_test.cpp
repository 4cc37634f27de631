#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/sigma/condition_parser.hpp"
#include "tests/sigma/load_helpers.hpp"

namespace auditflow::sigma {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// Prefix form: (and a (not b)).
std::string Shape(const Condition& condition) {
  switch (condition.kind) {
    case Condition::Kind::kIdentifier:
      return condition.name;
    case Condition::Kind::kSelector:
      return "(" + std::to_string(condition.quantity) + "-of " + condition.name + ")";
    case Condition::Kind::kNot:
      return "(not " + Shape(condition.children.at(0)) + ")";
    case Condition::Kind::kAnd:
    case Condition::Kind::kOr:
      break;
  }
  std::string out = condition.kind == Condition::Kind::kAnd ? "(and" : "(or";
  for (const Condition& child : condition.children) out += " " + Shape(child);
  return out + ")";
}

std::string Rule(const std::string& condition) {
  return RuleWith(
      "    a: {f: 1}\n    b: {f: 2}\n    c: {f: 3}\n    sel_x: {f: 4}\n    sel_y: {f: 5}\n"
      "    and-x: {f: 6}\n    _hidden: {f: 7}\n    condition: " +
      condition + "\n");
}

TEST(Condition, BindsNotBeforeAndBeforeOr) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"a", "a"},
      {"a or b and c", "(or a (and b c))"},
      {"a and b or c", "(or (and a b) c)"},
      {"not a and b", "(and (not a) b)"},
      {"not (a and b)", "(not (and a b))"},
      {"not not a", "(not (not a))"},
      {"a and b and c", "(and a b c)"},
      {"(a or b) and (c)", "(and (or a b) c)"},
      {"((a))", "a"},
      {"1 of them", "(1-of them)"},
      {"any of sel_*", "(1-of sel_*)"},
      {"all of *_x and a", "(and (0-of *_x) a)"},
      {"not 1 of sel_*", "(not (1-of sel_*))"},
      {"2 of sel_*", "(2-of sel_*)"},
      {"1 of a", "(1-of a)"},
      {"and-x or a", "(or and-x a)"},
      {"a\tand\n      b", "(and a b)"},
      {"_hidden", "_hidden"},
      {"1 of _*", "(1-of _*)"},
  };
  for (const auto& [text, shape] : cases) {
    const LoadResult loaded = LoadText(Rule(text), "rule.yml");
    ASSERT_EQ(loaded.rules.detections.size(), 1U) << text << Show(loaded.diagnostics);
    EXPECT_EQ(Shape(loaded.rules.detections[0].conditions.at(0)), shape) << text;
  }
}

TEST(Condition, AListMeansOneOfThem) {
  const LoadResult loaded = LoadText(Rule("[a, b and c]"), "rule.yml");
  ASSERT_EQ(loaded.rules.detections.size(), 1U);
  EXPECT_EQ(loaded.rules.detections[0].conditions.size(), 2U);
  EXPECT_EQ(Shape(loaded.rules.detections[0].conditions[1]), "(and b c)");
}

TEST(Condition, IdentifiersMayBeCalledLikeQuantities) {
  const LoadResult loaded = LoadText(
      RuleWith(
          "    1: {f: 1}\n    all: {f: 2}\n    any: {f: 3}\n    condition: all and any or 1\n"),
      "rule.yml");
  ASSERT_EQ(loaded.rules.detections.size(), 1U) << Show(loaded.diagnostics);
  EXPECT_EQ(Shape(loaded.rules.detections[0].conditions[0]), "(or (and all any) 1)");
}

TEST(Condition, RefusesWhatTheGrammarDoesNotKnowWithItsPlace) {
  // The condition starts in column 16 of line 11.
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"a and", "11:21 condition-syntax"},
      {"and a", "11:16 condition-syntax"},
      {"a b", "11:18 condition-syntax"},
      {"a or or b", "11:21 condition-syntax"},
      {"(a", "11:18 condition-syntax"},
      {"a)", "11:17 condition-syntax"},
      {"a and ()", "11:23 condition-syntax"},
      {"not", "11:19 condition-syntax"},
      {"'a'", ""},
      {"'a b'", "11:19 condition-syntax"},
      {"a AND b", "11:18 condition-syntax"},
      {"NOT a", "11:16 condition-syntax"},
      {"a and OR", "11:22 condition-syntax"},
      {"sel_*", "11:16 condition-syntax"},
      {"0 of them", "11:16 condition-syntax"},
      {"99999999999 of them", "11:16 condition-syntax"},
      {"some of them", "11:16 condition-syntax"},
      {"1 of", "11:20 condition-syntax"},
      {"1 of and", "11:21 condition-syntax"},
      {"a & b", "11:18 condition-syntax"},
      {"ä and b", "11:16 condition-syntax"},
      {"a | count() by b > 5", "11:18 aggregation"},
      {"a | near b", "11:18 aggregation"},
      {"''", "11:17 condition-syntax"},
      {"nowhere", "11:16 unknown-identifier"},
      {"a and not nowhere", "11:26 unknown-identifier"},
      {"1 of nothing_*", "11:16 empty-selector"},
      {"all of nothing_* or a", "11:16 empty-selector"},
      {"5", "11:16 unknown-identifier"},
      {"{a: 1}", "11:16 wrong-type"},
      {"[]", "11:16 empty-list"},
      {"[a, [b]]", "11:20 wrong-type"},
      {"~", "11:16 wrong-type"},
  };
  for (const auto& [text, error] : cases) {
    const std::vector<std::string> expected =
        error.empty() ? std::vector<std::string>() : std::vector<std::string>{error};
    EXPECT_EQ(ErrorsOf(Rule(text)), expected) << text;
  }
}

TEST(Condition, PointsFromAggregationsToCorrelationRules) {
  const LoadResult loaded = LoadText(Rule("a | near b"), "rule.yml");
  ASSERT_FALSE(loaded.diagnostics.empty());
  EXPECT_EQ(loaded.diagnostics[0].kind, DiagnosticKind::kUnsupported);
  EXPECT_THAT(loaded.diagnostics[0].message, HasSubstr("correlation rule of type temporal"));
}

TEST(Condition, HelpsWithMisspellings) {
  EXPECT_THAT(Show(LoadText(Rule("sel_z"), "r.yml").diagnostics),
              HasSubstr("did you mean 'sel_x'?"));
  EXPECT_THAT(Show(LoadText(Rule("a AND b"), "r.yml").diagnostics),
              HasSubstr("write 'and' in lower case"));
  EXPECT_THAT(Show(LoadText(Rule("a adn b"), "r.yml").diagnostics),
              HasSubstr("did you mean 'and'?"));
}

TEST(Condition, WarnsOfExtensionsAndOfWhatCannotHold) {
  EXPECT_THAT(WarningsOf(Rule("2 of them")),
              ElementsAre("10:5 unused-identifier", "11:16 quantity-extension"));
  EXPECT_THAT(WarningsOf(Rule("a and b and c and and-x and _hidden and 3 of sel_*")),
              ElementsAre("11:56 quantity-extension", "11:56 never-true"));
}

TEST(Condition, SelectorsSkipHiddenNamesUnlessTheyAskForThem) {
  EXPECT_TRUE(Selects("them", "a"));
  EXPECT_FALSE(Selects("them", "_a"));
  EXPECT_FALSE(Selects("*", "_a"));
  EXPECT_TRUE(Selects("_*", "_a"));
  EXPECT_TRUE(Selects("s*l*_x", "sel_x"));
  EXPECT_FALSE(Selects("s*l", "sel_x"));
  EXPECT_TRUE(Selects("*", ""));
  EXPECT_FALSE(Selects(std::string(1'000, '*') + "b", std::string(10'000, 'a')));
}

TEST(Condition, BoundsDepthAndSize) {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '(') + "a" + std::string(depth, ')');
  };
  EXPECT_THAT(ErrorsOf(Rule(nested(32))), IsEmpty());
  EXPECT_THAT(ErrorsOf(Rule(nested(33))), ElementsAre("11:48 limit"));
  EXPECT_THAT(ErrorsOf(Rule(nested(1'000'000))), ElementsAre("11:48 limit"));
  std::string nots;
  for (int i = 0; i < 100'000; ++i) nots += "not ";
  EXPECT_THAT(ErrorsOf(Rule(nots + "a")), ElementsAre("11:144 limit"));
  std::string chain = "a";
  for (int i = 1; i < 10'000; ++i) chain += " or a";
  EXPECT_THAT(ErrorsOf(Rule(chain)), IsEmpty());
  EXPECT_THAT(ErrorsOf(Rule(chain + " or a")), ElementsAre("11:50016 limit"));
}

TEST(Condition, ABlockConditionIsReportedWhereItStarts) {
  EXPECT_THAT(ErrorsOf(Rule(">\n      a and\n      nowhere")),
              ElementsAre("11:16 unknown-identifier"));
}

}  // namespace
}  // namespace auditflow::sigma
