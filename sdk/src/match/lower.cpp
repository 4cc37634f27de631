#include "src/match/lower.hpp"

#include <string>
#include <utility>

#include "src/match/lower_item.hpp"
#include "src/match/lower_scope.hpp"

namespace auditflow::match {
namespace {

/// What a filter adds to a rule.
std::optional<Expression> LowerFilter(const sigma::LinkedRules& rules,
                                      const sigma::FilterRule& filter,
                                      const CompileOptions& options,
                                      std::vector<sigma::Diagnostic>& diagnostics,
                                      RegexBudget* budget) {
  LowerScope scope(filter.detections, options, diagnostics, budget);
  auto condition = scope.Run(filter.conditions);
  if (condition && rules.filter_mode == sigma::FilterMode::kSuppress) {
    return Negate(std::move(*condition));
  }
  return condition;
}

}  // namespace

std::optional<Expression> Lower(const sigma::LinkedRules& rules, RuleIndex rule,
                                const CompileOptions& options,
                                std::vector<sigma::Diagnostic>& diagnostics, RegexBudget* budget) {
  const sigma::DetectionRule& detection = rules.rules.detections[rule];
  LowerScope scope(detection.detections, options, diagnostics, budget);
  auto meaning = scope.Run(detection.conditions);
  if (!meaning || rule >= rules.filters_of.size()) return meaning;
  std::vector<Expression> parts;
  parts.push_back(std::move(*meaning));
  std::size_t questions = CountNodes(parts.front());
  for (const std::uint32_t index : rules.filters_of[rule]) {
    auto filter = LowerFilter(rules, rules.rules.filters[index], options, diagnostics, budget);
    if (!filter) return std::nullopt;
    questions += CountNodes(*filter);
    if (questions > options.max_questions) {
      diagnostics.push_back({sigma::DiagnosticKind::kUnsupported, detection.metadata.location,
                             kTooManyFilters,
                             "the rule and its filters ask more than " +
                                 std::to_string(options.max_questions) + " questions"});
      return std::nullopt;
    }
    parts.push_back(std::move(*filter));
  }
  return Join(Expression::Kind::kAnd, std::move(parts));
}

}  // namespace auditflow::match
