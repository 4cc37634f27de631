#include "tests/conformance/engines.hpp"

#include "auditflow/match/explain.hpp"

#include "src/match/lower.hpp"
#include "src/match/naive_evaluator.hpp"

namespace auditflow::conformance {

using match::RuleIndex;

CompiledEngine::CompiledEngine(const sigma::LinkedRules& rules,
                               const match::CompileOptions& options)
    : result_(match::RuleSet::Compile(rules, options)), matcher_(result_.rule_set) {}

std::vector<RuleIndex> CompiledEngine::Match(const event::Event& event) {
  const auto matches = matcher_.Match(event);
  return {matches.begin(), matches.end()};
}

NaiveEngine::NaiveEngine(const sigma::LinkedRules& rules, const match::CompileOptions& options) {
  for (RuleIndex rule = 0; rule < rules.rules.detections.size(); ++rule) {
    expressions_.push_back(match::Lower(rules, rule, options, diagnostics_));
  }
}

std::vector<RuleIndex> NaiveEngine::Match(const event::Event& event) {
  std::vector<RuleIndex> matches;
  for (RuleIndex rule = 0; rule < expressions_.size(); ++rule) {
    if (expressions_[rule] && match::EvaluateNaively(*expressions_[rule], event)) {
      matches.push_back(rule);
    }
  }
  return matches;
}

ExplainingEngine::ExplainingEngine(const sigma::LinkedRules& rules,
                                   const match::CompileOptions& options)
    : rules_(rules), options_(options), naive_(rules, options) {}

std::vector<RuleIndex> ExplainingEngine::Match(const event::Event& event) {
  std::vector<RuleIndex> matches;
  const match::Explainer explainer(rules_, event, options_);
  for (RuleIndex rule = 0; rule < rules_.rules.detections.size(); ++rule) {
    const auto explanation = explainer.Explain(rule);
    if (explanation && explanation->matches) matches.push_back(rule);
  }
  return matches;
}

std::vector<std::unique_ptr<Engine>> AllEngines(const sigma::LinkedRules& rules,
                                                const match::CompileOptions& options) {
  std::vector<std::unique_ptr<Engine>> engines;
  engines.push_back(std::make_unique<CompiledEngine>(rules, options));
  engines.push_back(std::make_unique<NaiveEngine>(rules, options));
  engines.push_back(std::make_unique<ExplainingEngine>(rules, options));
  return engines;
}

}  // namespace auditflow::conformance
