#include "src/match/lower.hpp"

#include <utility>

#include "src/match/lower_item.hpp"
#include "src/match/lower_scope.hpp"

namespace auditflow::match {

std::optional<Expression> Lower(const sigma::LinkedRules& rules, RuleIndex rule,
                                const CompileOptions& options,
                                std::vector<sigma::Diagnostic>& diagnostics) {
  const sigma::DetectionRule& detection = rules.rules.detections[rule];
  auto meaning = LowerScope(detection.detections, options, diagnostics).Run(detection.conditions);
  if (!meaning) return std::nullopt;
  std::vector<Expression> parts;
  parts.push_back(std::move(*meaning));
  if (rule < rules.filters_of.size()) {
    for (const std::uint32_t index : rules.filters_of[rule]) {
      const sigma::FilterRule& filter = rules.rules.filters[index];
      auto condition = LowerScope(filter.detections, options, diagnostics).Run(filter.conditions);
      if (!condition) return std::nullopt;
      const bool suppress = rules.filter_mode == sigma::FilterMode::kSuppress;
      parts.push_back(suppress ? Negate(std::move(*condition)) : std::move(*condition));
    }
  }
  return Join(Expression::Kind::kAnd, std::move(parts));
}

}  // namespace auditflow::match
