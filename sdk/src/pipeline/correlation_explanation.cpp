#include "auditflow/pipeline/correlation_explanation.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "auditflow/match/matcher.hpp"

namespace auditflow::pipeline {
namespace {

/// Correlations that share what they refer to can be named along very many ways.
constexpr std::size_t kMostReferences = 10'000;

class Walk {
 public:
  Walk(const RulePackage& package, const match::Explainer& explainer, const event::Event& event)
      : rules_(*package.rules),
        explainer_(explainer),
        event_(event),
        matcher_(package.rule_set),
        lookup_([this](const event::Event& asked, std::string_view field) {
          return matcher_.MappedValue(asked, field);
        }) {}

  std::vector<ExplainedReference> Of(std::uint32_t correlation) {
    std::vector<ExplainedReference> explained;
    const std::vector<sigma::RuleRef>& references = rules_.references_of[correlation];
    for (std::uint32_t i = 0; i < references.size() && count_ < kMostReferences; ++i) {
      ++count_;
      ExplainedReference reference;
      reference.rule = references[i];
      reference.fields = correlate::FieldsOf(rules_, correlation, i, event_, lookup_);
      Answer(reference);
      explained.push_back(std::move(reference));
    }
    return explained;
  }

 private:
  void Answer(ExplainedReference& reference) {
    if (reference.rule.kind == sigma::RuleRef::Kind::kDetection) {
      const auto explanation = explainer_.Explain(reference.rule.index);
      reference.matches = explanation && explanation->matches;
      return;
    }
    reference.references = Of(reference.rule.index);
    reference.matches = std::any_of(reference.references.begin(), reference.references.end(),
                                    [](const ExplainedReference& inner) { return inner.matches; });
  }

  const sigma::LinkedRules& rules_;
  const match::Explainer& explainer_;
  const event::Event& event_;
  match::Matcher matcher_;
  const correlate::FieldLookup lookup_;
  std::size_t count_ = 0;
};

}  // namespace

std::vector<ExplainedReference> ExplainReferences(const RulePackage& package,
                                                  std::uint32_t correlation,
                                                  const match::Explainer& explainer,
                                                  const event::Event& event) {
  return Walk(package, explainer, event).Of(correlation);
}

}  // namespace auditflow::pipeline
