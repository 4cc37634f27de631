// The verdict of an explanation is that of the matcher, on random rules, events and logsource maps.
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "auditflow/event/event.hpp"
#include "auditflow/match/explain.hpp"
#include "auditflow/match/matcher.hpp"
#include "auditflow/match/rule_set.hpp"
#include "auditflow/sigma/link.hpp"
#include "auditflow/sigma/loader.hpp"

#include "tests/match/random_rules.hpp"

namespace auditflow::match {
namespace {

/// Leads some of the events to the random rules, under other names and by what they state.
constexpr std::string_view kMap = R"(
title: By a field
logsource: {product: test}
detection: {s: {a|exists: true}, condition: s}
auditflow: {fields: {b: [c, n.b], d: a}}
---
title: By another, with a name for every field
logsource: {product: test, category: other}
detection: {s: {n.a|exists: true}, condition: s}
auditflow: {fields: {'*': 'n.*', c: other}}
---
title: As the event says
logsource: {product: '%a%'}
detection: {s: {a: alpha*}, condition: s}
)";

sigma::LinkedRules Linked(const std::string& yaml) {
  sigma::LoadResult loaded = sigma::LoadText(yaml, "random.yml");
  return sigma::Link(std::move(loaded.rules)).linked;
}

struct Meetings {
  std::size_t cases = 0;
  std::size_t matched = 0;
};

void Compare(const sigma::LinkedRules& rules, const CompileOptions& options, Matcher& matcher,
             const std::string& json, Meetings& meetings) {
  const auto event = event::EventParser().Parse(json);
  ASSERT_TRUE(event) << json;
  const Explainer explainer(rules, *event, options);
  std::vector<RuleIndex> explained;
  for (RuleIndex rule = 0; rule < rules.rules.detections.size(); ++rule) {
    const auto explanation = explainer.Explain(rule);
    if (!explanation) continue;
    ++meetings.cases;
    if (explanation->matches) explained.push_back(rule);
    EXPECT_EQ(explanation->matches, explanation->holds && explainer.Reaches(rule));
  }
  const auto found = matcher.Match(*event);
  meetings.matched += found.size();
  ASSERT_EQ(explained, std::vector<RuleIndex>(found.begin(), found.end())) << json;
}

Meetings CompareRandomly(const CompileOptions& options, std::uint64_t first_seed) {
  constexpr std::uint64_t kRounds = 40;
  constexpr std::size_t kRules = 15;
  constexpr std::size_t kEvents = 15;
  Meetings meetings;
  for (std::uint64_t seed = first_seed; seed < first_seed + kRounds; ++seed) {
    RandomRules generator(seed);
    const std::string yaml = generator.Rules(kRules);
    const sigma::LinkedRules rules = Linked(yaml);
    Matcher matcher(RuleSet::Compile(rules, options).rule_set);
    for (std::size_t i = 0; i < kEvents; ++i) {
      Compare(rules, options, matcher, generator.Event(), meetings);
      if (testing::Test::HasFatalFailure()) {
        ADD_FAILURE() << "seed " << seed << "\n" << yaml;
        return meetings;
      }
    }
  }
  return meetings;
}

TEST(ExplainAgreement, WithoutALogsourceMap) {
  const Meetings meetings = CompareRandomly({}, 1000);
  EXPECT_GE(meetings.cases, 5'000U);
  EXPECT_GE(meetings.matched, 500U);
}

TEST(ExplainAgreement, RoutedAndWithMappedFields) {
  CompileOptions options;
  options.logsource_map = std::make_shared<const sigma::LinkedRules>(Linked(std::string(kMap)));
  const Meetings meetings = CompareRandomly(options, 2000);
  EXPECT_GE(meetings.matched, 300U);
  options.map_fields = false;
  const Meetings unmapped = CompareRandomly(options, 2000);
  EXPECT_NE(unmapped.matched, meetings.matched) << "the maps' names for fields meet no rule";
}

}  // namespace
}  // namespace auditflow::match
