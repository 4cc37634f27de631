#include <string>
#include <variant>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "auditflow/sigma/yaml.hpp"

#include "tests/sigma/load_helpers.hpp"

namespace auditflow::sigma {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string Shape(const DetectionItem& item) {
  std::string out = item.field;
  for (const Modifier modifier : item.modifiers) out += "|" + std::string(ToString(modifier));
  out += item.is_list ? "[" : "=";
  for (std::size_t i = 0; i < item.values.size(); ++i) {
    if (i > 0) out += ",";
    AppendJson(item.values[i], out);
  }
  return out + (item.is_list ? "]" : "");
}

/// all(…) and any(…) around items `field|modifier=value` and `field[value,…]`.
std::string Shape(const Detection& detection) {
  std::string out = detection.kind == Detection::Kind::kAllOf ? "all(" : "any(";
  bool first = true;
  for (const auto& child : detection.children) {
    if (!std::exchange(first, false)) out += " ";
    out += std::visit([](const auto& c) { return Shape(c); }, child);
  }
  return out + ")";
}

TEST(Detection, KeepsEveryStructureAsWritten) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"{a: x, b: 5}", R"(all(a="x" b=5))"},
      {"{a: [x, y]}", R"(all(a["x","y"]))"},
      {"{a: [x]}", R"(all(a["x"]))"},
      {"[{a: x}, {b: y, c: z}]", R"(any(all(a="x") all(b="y" c="z")))"},
      {"[word, 5]", R"(all(["word",5]))"},
      {"word", R"(all(="word"))"},
      {"5", "all(=5)"},
      {"{'|all': [x, y]}", R"(all(|all["x","y"]))"},
      {"{'|re': x.y}", R"(all(|re="x.y"))"},
      {"[{a: x}, word]", R"(any(all(a="x") all(="word")))"},
      {"[{a: x}, [{b: y}, [z]]]", R"(any(all(a="x") any(all(b="y") all(["z"]))))"},
      {"{a: ~}", "all(a=null)"},
      {"{a: ''}", R"(all(a=""))"},
      {"{a: true}", "all(a=true)"},
      {R"({a: 'x\*\\y?'})", R"(all(a="x\\*\\\\y?"))"},
      {"{Threat Name: x, a.b: y}", R"(all(Threat Name="x" a.b="y"))"},
  };
  for (const auto& [text, shape] : cases) {
    const LoadResult loaded =
        LoadText(RuleWith("    sel: " + text + "\n    condition: sel\n"), "rule.yml");
    ASSERT_EQ(loaded.rules.detections.size(), 1U) << text << Show(loaded.diagnostics);
    EXPECT_EQ(Shape(*loaded.rules.detections[0].FindDetection("sel")), shape) << text;
  }
}

TEST(Detection, RefusesStructuresThatMeanNothing) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"{a: []}", "4:14 empty-list"},     {"{a: {b: c}}", "4:14 map-value"},
      {"{a: [[x]]}", "4:15 nested-list"}, {"{a: [{b: c}]}", "4:15 map-value"},
      {"{}", "4:10 empty-map"},           {"[]", "4:10 empty-list"},
      {"~", "4:10 null-keyword"},         {"[a, ~]", "4:14 null-keyword"},
      {"[{a: x}, {}]", "4:19 empty-map"}, {"{'': x}", "4:11 missing-field"},
  };
  for (const auto& [text, error] : cases) {
    EXPECT_THAT(ErrorsOf(RuleWith("    sel: " + text + "\n    condition: sel\n")),
                ElementsAre(error))
        << text;
  }
}

TEST(Detection, WarnsOfNullInAList) {
  EXPECT_THAT(WarningsOf(RuleWithItem("a: [x, null]")), ElementsAre("5:16 null-in-list"));
}

TEST(Detection, NamesThatNoConditionCanSayAreReachedByPatternsOnly) {
  const std::string text = RuleWith("    sel.x: {a: 1}\n    condition: 1 of sel*\n");
  EXPECT_THAT(ErrorsOf(text), IsEmpty());
  EXPECT_THAT(WarningsOf(text), ElementsAre("4:5 identifier-name"));
}

TEST(Detection, WarnsOfTimeframeWhichOnlyAggregationsUsed) {
  EXPECT_THAT(
      WarningsOf(RuleWith("    sel: {a: 1}\n    timeframe: 5m\n    condition: all of them\n")),
      ElementsAre("5:16 timeframe"));
}

TEST(Modifiers, AcceptsEachChainThatTheSpecificationAllows) {
  const std::vector<std::string> cases = {
      "a|contains: x",
      "a|startswith: x",
      "a|endswith|cased: x",
      "a|cased|endswith: x",
      "a|contains|all: [x, y]",
      "a|all|contains: [x, y]",
      "a|contains|all|windash: [-x, /y]",
      "a|windash|contains|all: [-x, /y]",
      "a|re: x",
      "a|re|i|m|s: x",
      "a|re|s|m|i: x",
      "a|re|ignorecase|multiline|dotall: x",
      "a|re|contains: x",
      "a|re|neq: x",
      "a|all|re: [x, y]",
      "a|re|expand: '%x%'",
      "a|exists: true",
      "a|exists: 'False'",
      "a|neq: [x, y]",
      "a|contains|neq: x",
      "a|neq|contains: x",
      "a|base64: x",
      "a|base64offset|contains: x",
      "a|utf16le|base64offset|contains: x",
      "a|wide|base64offset|contains: x",
      "a|utf16be|base64: x",
      "a|utf16|base64offset|contains: x",
      "a|windash|base64: -x",
      "a|base64|base64: x",
      "a|lt: 5",
      "a|lte: 5.5",
      "a|gt: '5'",
      "a|gte|neq: 5",
      "a|hour: 5",
      "a|hour|gte: 5",
      "a|gte|hour: 5",
      "a|minute: [1, 2]",
      "a|year|lt: 2024",
      "a|cidr: 10.0.0.0/8",
      "a|cidr: ['10.1.2.3', 'fe80::/10', '::1']",
      "a|cidr|neq: 10.0.0.0/8",
      "a|cidr|expand: '%nets%'",
      "a|expand: '%x%'",
      "a|contains|expand: '%x%'",
      "a|expand|contains: '%x%'",
      "a|fieldref: b",
      "a|fieldref|endswith: b",
      "a|fieldref|neq: b",
      "a|fieldref|contains|neq: b",
  };
  for (const std::string& item : cases) {
    EXPECT_THAT(ErrorsOf(RuleWithItem(item)), IsEmpty()) << item;
  }
}

TEST(Modifiers, RefusesChainsThatMeanNothing) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"a|bogus: x", "unknown-modifier"},
      {"a|Contains: x", "unknown-modifier"},
      {"a|: x", "unknown-modifier"},
      {"a|contains|: x", "unknown-modifier"},
      {"a||contains: x", "unknown-modifier"},
      {"a|contains|contains: x", "modifier-order"},
      {"a|contains|re: x", "modifier-order"},
      {"a|i: x", "modifier-order"},
      {"a|contains|i: x", "modifier-order"},
      {"a|re|cased: x", "modifier-order"},
      {"a|re|windash: x", "modifier-order"},
      {"a|re|base64: x", "modifier-order"},
      {"a|contains|base64: x", "modifier-order"},
      {"a|contains|cidr: 10.0.0.0/8", "modifier-order"},
      {"a|cidr|contains: 10.0.0.0/8", "modifier-order"},
      {"a|contains|fieldref: b", "modifier-order"},
      {"a|exists|neq: true", "modifier-order"},
      {"a|neq|exists: true", "modifier-order"},
      {"a|exists|contains: true", "modifier-order"},
      {"a|lt|gt: 5", "modifier-order"},
      {"a|hour|minute: 5", "modifier-order"},
      {"a|contains|lt: 5", "modifier-order"},
      {"a|lt|contains: 5", "modifier-order"},
      {"a|wide: x", "modifier-order"},
      {"a|wide|contains: x", "modifier-order"},
      {"a|base64|wide: x", "modifier-order"},
      {"a|wide|utf16: x", "modifier-order"},
      {"a|base64|base64|base64|base64|base64|base64|base64|base64|base64|base64|base64|base64"
       "|base64|base64|base64|base64|base64: x",
       "limit"},
  };
  for (const auto& [item, code] : cases) {
    EXPECT_THAT(ErrorsOf(RuleWithItem(item)), ElementsAre("5:9 " + code)) << item;
  }
}

TEST(Modifiers, RefusesValuesThatTheyCannotTake) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"a|exists: 5", "5:19 wrong-value"},
      {"a|exists: [true, false]", "5:9 wrong-value"},
      {"a|lt: x", "5:15 wrong-value"},
      {"a|gte: ~", "5:16 wrong-value"},
      {"a|lt: .nan", "5:15 wrong-value"},
      {"a|hour: 5.5", "5:17 wrong-value"},
      {"a|hour: x", "5:17 wrong-value"},
      {"a|cidr: x", "5:17 wrong-value"},
      {"a|cidr: 10.0.0.0/33", "5:17 wrong-value"},
      {"a|cidr: 'fe80::/129'", "5:17 wrong-value"},
      {"a|cidr: 300.0.0.0/8", "5:17 wrong-value"},
      {"a|cidr: 10.0.0.0/", "5:17 wrong-value"},
      {"a|cidr: 10.0.0.0/8x", "5:17 wrong-value"},
      {"a|contains: ~", "5:21 wrong-value"},
      {"a|re: ~", "5:15 wrong-value"},
      {"a|fieldref: ''", "5:21 wrong-value"},
      {"a|base64: 'x*'", "5:19 wrong-value"},
      {"a|base64offset|contains: 'x?'", "5:34 wrong-value"},
  };
  for (const auto& [item, error] : cases) {
    EXPECT_THAT(ErrorsOf(RuleWithItem(item)), ElementsAre(error)) << item;
  }
  EXPECT_THAT(ErrorsOf(RuleWithItem(R"(a|base64: 'x\*')")), IsEmpty());
}

TEST(Modifiers, WarnsOfModifiersWithoutEffect) {
  EXPECT_THAT(WarningsOf(RuleWithItem("a|contains|all: x")), ElementsAre("5:9 all-single"));
  EXPECT_THAT(WarningsOf(RuleWithItem("a|expand: x")), ElementsAre("5:19 no-placeholder"));
}

TEST(Modifiers, SuggestsTheNearestName) {
  EXPECT_THAT(Show(LoadText(RuleWithItem("a|startwith: x"), "rule.yml").diagnostics),
              HasSubstr("rule.yml:5:9: error: unknown modifier 'startwith', did you mean "
                        "'startswith'? [unknown-modifier]"));
  EXPECT_THAT(Show(LoadText(RuleWithItem("a|Contains: x"), "rule.yml").diagnostics),
              HasSubstr("did you mean 'contains'?"));
}

TEST(Detection, HoldsAMillionAlternatives) {
  std::string text = "    sel:\n        a:\n";
  constexpr std::size_t kCount = 1'000'000;
  text.reserve(kCount * 20);
  for (std::size_t i = 0; i < kCount; ++i) text += "        - v" + std::to_string(i) + "\n";
  const LoadResult loaded = LoadText(RuleWith(text + "    condition: sel\n"), "rule.yml");
  ASSERT_EQ(loaded.rules.detections.size(), 1U) << Show(loaded.diagnostics);
  const auto& item =
      std::get<DetectionItem>(loaded.rules.detections[0].detections[0].second.children[0]);
  EXPECT_EQ(item.values.size(), kCount);
}

TEST(Detection, AMillionFaultsAreSummedUp) {
  std::string text = "    sel:\n";
  for (int i = 0; i < 100'000; ++i) text += "        f" + std::to_string(i) + "|bogus: x\n";
  const LoadResult loaded = LoadText(RuleWith(text + "    condition: sel\n"), "rule.yml");
  EXPECT_EQ(loaded.diagnostics.size(), LoadLimits().max_diagnostics + 1);
  EXPECT_EQ(loaded.diagnostics.back().code, "more");
  EXPECT_THAT(loaded.rules.detections, IsEmpty());
}

}  // namespace
}  // namespace auditflow::sigma
