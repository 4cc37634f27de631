#include "auditflow/sigma/link.hpp"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/sigma/load_helpers.hpp"

namespace auditflow::sigma {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

std::string Rule(const std::string& name, const std::string& logsource = "{product: windows}") {
  return "---\ntitle: " + name + "\nname: " + name + "\nlogsource: " + logsource +
         "\ndetection: {sel: {a: 1}, condition: sel}\n";
}

std::string Temporal(const std::string& name, const std::string& rules,
                     const std::string& more = "") {
  return "---\ntitle: " + name + "\nname: " + name +
         "\ncorrelation: {type: temporal, rules: " + rules + ", timespan: 1h" + more + "}\n";
}

std::string Filter(const std::string& rules, const std::string& logsource = "{product: windows}",
                   const std::string& condition = "not sel") {
  return "---\ntitle: F\nlogsource: " + logsource + "\nfilter: {rules: " + rules +
         ", sel: {u: x}, condition: " + condition + "}\n";
}

LinkResult LinkText(const std::string& text, const LinkOptions& options = {}) {
  LoadResult loaded = LoadText(text, "l.yml");
  EXPECT_FALSE(HasErrors(loaded.diagnostics)) << Show(loaded.diagnostics);
  return Link(std::move(loaded.rules), options);
}

std::vector<std::string> Codes(const LinkResult& result) {
  std::vector<std::string> codes;
  for (const Diagnostic& d : result.diagnostics) codes.push_back(d.code);
  return codes;
}

TEST(Link, ResolvesIdsAndNamesInAnyOrder) {
  const LinkResult result =
      LinkText(Temporal("c", "[6F3E2987-db24-4c78-a860-b4f4095a7095, b]") +
               "---\ntitle: A\nid: 6f3e2987-db24-4c78-a860-b4f4095a7095\nlogsource: {product: x}\n"
               "detection: {sel: {a: 1}, condition: sel}\n" +
               Rule("b"));
  EXPECT_THAT(result.diagnostics, IsEmpty()) << Show(result.diagnostics);
  ASSERT_THAT(result.linked.references_of, SizeIs(1));
  EXPECT_THAT(result.linked.references_of[0], ElementsAre(RuleRef{RuleRef::Kind::kDetection, 0},
                                                          RuleRef{RuleRef::Kind::kDetection, 1}));
}

TEST(Link, OrdersCorrelationsAfterWhatTheyReferTo) {
  const LinkResult result = LinkText(Temporal("top", "[mid, a]") + Temporal("mid", "[low]") +
                                     Temporal("low", "[a]") + Rule("a"));
  EXPECT_THAT(result.diagnostics, IsEmpty());
  EXPECT_THAT(result.linked.correlation_order, ElementsAre(2, 1, 0));
}

TEST(Link, DropsWhatRefersToNothingAndWhatDependsOnIt) {
  const LinkResult result = LinkText(Rule("a") + Temporal("bad", "[a, missing]") +
                                     Temporal("above", "[bad]") + Temporal("good", "[a]"));
  EXPECT_THAT(Codes(result), ElementsAre("unknown-rule", "unusable-rule"));
  ASSERT_THAT(result.linked.rules.correlations, SizeIs(1));
  EXPECT_EQ(result.linked.rules.correlations[0].metadata.name, "good");
  EXPECT_THAT(result.linked.correlation_order, ElementsAre(0));
  EXPECT_EQ(result.linked.references_of.size(), 1U);
}

TEST(Link, ReportsEachCycleWithItsPath) {
  const LinkResult result =
      LinkText(Temporal("a", "[b]") + Temporal("b", "[c]") + Temporal("c", "[a]") +
               Temporal("self", "[self]") + Temporal("above", "[a]"));
  EXPECT_THAT(Codes(result), ElementsAre("cycle", "cycle", "cycle", "cycle", "unusable-rule"));
  EXPECT_THAT(Show(result.diagnostics), HasSubstr("'a' → 'b' → 'c' → 'a'"));
  EXPECT_THAT(result.linked.rules.correlations, IsEmpty());
}

TEST(Link, ALongChainNeedsNoDeepStack) {
  std::string text = Rule("r");
  constexpr int kLength = 50'000;
  for (int i = 0; i < kLength; ++i) {
    text += Temporal("c" + std::to_string(i),
                     i + 1 < kLength ? "[c" + std::to_string(i + 1) + "]" : "[r]");
  }
  const LinkResult result = LinkText(text);
  EXPECT_THAT(result.diagnostics, IsEmpty());
  EXPECT_EQ(result.linked.correlation_order.front(), static_cast<std::uint32_t>(kLength - 1));
}

TEST(Link, TheFirstOfTwoRulesWithOneIdOrNameStays) {
  const std::string id = "id: 6f3e2987-db24-4c78-a860-b4f4095a7095\n";
  const std::string body = "logsource: {product: x}\ndetection: {sel: {a: 1}, condition: sel}\n";
  const LinkResult result = LinkText("title: A\n" + id + body + "---\ntitle: B\n" + id + body +
                                     Rule("n") + Rule("n") + Temporal("n", "[n]"));
  EXPECT_THAT(Codes(result), ElementsAre("duplicate-id", "duplicate-name", "duplicate-name"));
  ASSERT_THAT(result.linked.rules.detections, SizeIs(2));
  EXPECT_EQ(result.linked.rules.detections[0].metadata.title, "A");
  EXPECT_THAT(result.linked.rules.correlations, IsEmpty());
}

TEST(Link, AnIdAndANameOfDifferentRulesAreAmbiguous) {
  const std::string body = "logsource: {product: x}\ndetection: {sel: {a: 1}, condition: sel}\n";
  const LinkResult result = LinkText("title: A\nid: x\n" + body + "---\ntitle: B\nname: x\n" +
                                     body + Temporal("c", "[x]"));
  EXPECT_THAT(Codes(result), ElementsAre("ambiguous-rule"));
}

TEST(Link, RulesThatCorrelationsUseAreSilentUnlessGenerated) {
  const LinkResult result = LinkText(Rule("alone") + Rule("used") + Rule("both") + Rule("loud") +
                                     Temporal("quiet", "[used, both]") +
                                     Temporal("noisy", "[both, loud, quiet]", ", generate: true") +
                                     Temporal("top", "[noisy]"));
  EXPECT_THAT(result.linked.detection_outputs, ElementsAre(true, false, true, true));
  EXPECT_THAT(result.linked.correlation_outputs, ElementsAre(true, false, true));
}

TEST(Link, AFilterAppliesWhereItsLogsourceContainsTheRules) {
  const LinkResult result =
      LinkText(Rule("a", "{product: windows, category: c}") + Rule("b", "{product: linux}") +
               Rule("c", "{category: c}") + Filter("any") + Filter("[]", "{category: c}") +
               Filter("[a]", "{product: windows}"));
  EXPECT_THAT(result.diagnostics, IsEmpty()) << Show(result.diagnostics);
  EXPECT_THAT(result.linked.filters_of,
              ElementsAre(ElementsAre(0, 1, 2), IsEmpty(), ElementsAre(1)));
}

TEST(Link, WarnsOfFiltersThatDoNotDoWhatTheySay) {
  EXPECT_THAT(Codes(LinkText(Rule("a") + Filter("[missing]"))), ElementsAre("unknown-rule"));
  EXPECT_THAT(Codes(LinkText(Rule("a") + Filter("[a]", "{product: linux}"))),
              ElementsAre("filter-logsource"));
  EXPECT_THAT(Codes(LinkText(Rule("a") + Temporal("c", "[a]") + Filter("[c]"))),
              ElementsAre("filtered-correlation"));
  EXPECT_THAT(Codes(LinkText(Rule("a") + Filter("[a]", "{product: windows}", "sel"))),
              ElementsAre("filter-without-not"));
  EXPECT_THAT(
      LinkText(Rule("a") + Filter("[a]", "{product: windows}", "sel"), {FilterMode::kSuppress})
          .diagnostics,
      IsEmpty());
}

TEST(Link, AliasesAndRepetitionsAreChecked) {
  EXPECT_THAT(
      Codes(LinkText(Rule("a") + Rule("b") +
                     Temporal("c", "[a]", ", group-by: x, aliases: {x: {a: f, b: g, n: h}}"))),
      ElementsAre("unknown-alias-rule", "unknown-alias-rule"));
  EXPECT_THAT(Codes(LinkText(Rule("a") + Temporal("c", "[a, a]"))), ElementsAre("repeated-rule"));
}

TEST(Prune, TakesWhatDependsOnARuleWithItAndNumbersTheRestAnew) {
  const auto detection = [](const std::string& name) {
    return "title: T\nname: " + name +
           "\nlogsource: {product: p}\ndetection: {s: {f: x}, condition: s}\n---\n";
  };
  const auto count = [](const std::string& name, const std::string& rules) {
    return "title: C\nname: " + name + "\ncorrelation: {type: event_count, rules: [" + rules +
           "], timespan: 1m, condition: {gte: 2}}\n---\n";
  };
  LinkResult link = Link(LoadText(count("outer", "inner") + count("inner", "a") + detection("a") +
                                      detection("b") + detection("c") + count("other", "c, b") +
                                      "title: F\nlogsource: {product: p}\nfilter: {rules: [c], s: "
                                      "{f: y}, condition: not s}\n",
                                  "test.yml")
                             .rules);
  ASSERT_TRUE(link.diagnostics.empty()) << link.diagnostics.front().ToString();
  LinkedRules& linked = link.linked;
  const std::vector<Diagnostic> diagnostics = Prune(linked, {false, true, true});
  ASSERT_EQ(diagnostics.size(), 2U);
  EXPECT_EQ(diagnostics[0].ToString(),
            "test.yml:7:42: error: this correlation depends on 'a', which cannot be used "
            "[unusable-rule]");
  EXPECT_NE(diagnostics[1].ToString().find("test.yml:3:"), std::string::npos);
  ASSERT_EQ(linked.rules.detections.size(), 2U);
  EXPECT_EQ(linked.rules.detections[0].metadata.name, "b");
  ASSERT_EQ(linked.rules.correlations.size(), 1U);
  EXPECT_EQ(linked.rules.correlations[0].metadata.name, "other");
  const std::vector<RuleRef> references = {{RuleRef::Kind::kDetection, 1},
                                           {RuleRef::Kind::kDetection, 0}};
  EXPECT_EQ(linked.references_of, std::vector<std::vector<RuleRef>>{references});
  EXPECT_EQ(linked.correlation_order, std::vector<std::uint32_t>{0});
  EXPECT_EQ(linked.filters_of, (std::vector<std::vector<std::uint32_t>>{{}, {0}}));
  EXPECT_EQ(linked.detection_outputs, (std::vector<bool>{false, false}));
  EXPECT_EQ(linked.correlation_outputs, std::vector<bool>{true});
}

TEST(Prune, GivesRulesTheirOutputBackThatOnlyALostCorrelationUsed) {
  LinkResult link = Link(LoadText(R"(
title: A
name: a
logsource: {product: p}
detection: {s: {f: x}, condition: s}
---
title: B
name: b
logsource: {product: p}
detection: {s: {f: x}, condition: s}
---
title: C
correlation: {type: temporal, rules: [a, b], timespan: 1m}
)",
                                  "test.yml")
                             .rules);
  ASSERT_EQ(link.linked.detection_outputs, (std::vector<bool>{false, false}));
  EXPECT_EQ(Prune(link.linked, {false, true}).size(), 1U);
  EXPECT_EQ(link.linked.detection_outputs, std::vector<bool>{true});
}

}  // namespace
}  // namespace auditflow::sigma
