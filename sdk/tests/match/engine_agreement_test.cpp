// The compiled engine against the naive evaluator, on random rules and random events.
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "auditflow/event/event.hpp"
#include "auditflow/match/matcher.hpp"
#include "auditflow/match/rule_set.hpp"
#include "auditflow/sigma/link.hpp"
#include "auditflow/sigma/loader.hpp"

#include "src/match/lower.hpp"
#include "src/match/naive_evaluator.hpp"
#include "tests/match/random_rules.hpp"

namespace auditflow::match {
namespace {

TEST(EngineAgreement, CompiledAndNaiveFindTheSameRulesInRandomEvents) {
  constexpr std::size_t kRounds = 150;
  constexpr std::size_t kRules = 20;
  constexpr std::size_t kEvents = 30;
  std::size_t cases = 0;
  std::size_t matched = 0;
  event::EventParser parser;
  for (std::uint64_t seed = 0; seed < kRounds; ++seed) {
    RandomRules generator(seed);
    const std::string yaml = generator.Rules(kRules);
    sigma::LoadResult loaded = sigma::LoadText(yaml, "random.yml");
    const sigma::LinkedRules linked = sigma::Link(std::move(loaded.rules)).linked;
    const CompileResult compiled = RuleSet::Compile(linked);
    Matcher matcher(compiled.rule_set);
    std::vector<std::optional<Expression>> expressions;
    std::vector<sigma::Diagnostic> diagnostics;
    for (RuleIndex rule = 0; rule < linked.rules.detections.size(); ++rule) {
      expressions.push_back(Lower(linked, rule, {}, diagnostics));
      ASSERT_EQ(expressions.back().has_value(), compiled.compiled[rule]);
    }
    for (std::size_t i = 0; i < kEvents; ++i) {
      const std::string json = generator.Event();
      const Result<event::Event> event = parser.Parse(json);
      ASSERT_TRUE(event) << json << ": " << event.error().ToString();
      std::vector<RuleIndex> expected;
      for (RuleIndex rule = 0; rule < expressions.size(); ++rule) {
        if (!expressions[rule]) continue;
        ++cases;
        if (EvaluateNaively(*expressions[rule], *event)) expected.push_back(rule);
      }
      const auto found = matcher.Match(*event);
      matched += found.size();
      ASSERT_EQ(std::vector<RuleIndex>(found.begin(), found.end()), expected)
          << "seed " << seed << "\nevent " << json << "\nrules\n"
          << yaml;
    }
  }
  EXPECT_GE(cases, 50'000U);
  EXPECT_GE(matched, 5'000U) << "rules and events that never meet show nothing";
}

}  // namespace
}  // namespace auditflow::match
