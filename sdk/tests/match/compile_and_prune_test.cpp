#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "auditflow/event/event.hpp"
#include "auditflow/match/matcher.hpp"
#include "auditflow/match/rule_set.hpp"
#include "auditflow/sigma/link.hpp"
#include "auditflow/sigma/loader.hpp"

namespace auditflow::match {
namespace {

constexpr const char* kRules = R"(
title: Not supported
name: refused
logsource: {product: p}
detection: {s: {f|re: '(?=x)y'}, condition: s}
---
title: Good
logsource: {product: p}
detection: {s: {f: a}, condition: s}
---
title: Depends on it
correlation: {type: event_count, rules: [refused], timespan: 1m, condition: {gte: 2}}
)";

std::vector<RuleIndex> Matches(const CompileResult& result) {
  const auto event = event::EventParser().Parse(R"({"f": "a"})");
  Matcher matcher(result.rule_set);
  const auto matches = matcher.Match(*event);
  return {matches.begin(), matches.end()};
}

TEST(CompileAndPrune, NumbersTheRulesThatStay) {
  sigma::LinkResult link = sigma::Link(sigma::LoadText(kRules, "test.yml").rules);
  const CompileResult all = RuleSet::Compile(link.linked);
  EXPECT_EQ(Matches(all), std::vector<RuleIndex>{1});
  EXPECT_EQ(all.diagnostics.size(), 1U);

  const CompileResult pruned = RuleSet::CompileAndPrune(link.linked);
  EXPECT_EQ(Matches(pruned), std::vector<RuleIndex>{0});
  EXPECT_EQ(pruned.compiled, (std::vector<bool>{false, true}));
  ASSERT_EQ(pruned.diagnostics.size(), 2U);
  EXPECT_EQ(pruned.diagnostics[1].code, "unusable-rule");
  ASSERT_EQ(link.linked.rules.detections.size(), 1U);
  EXPECT_EQ(link.linked.rules.detections[0].metadata.title, "Good");
  EXPECT_TRUE(link.linked.rules.correlations.empty());
}

}  // namespace
}  // namespace auditflow::match
