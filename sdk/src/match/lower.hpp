#pragma once

#include <optional>
#include <vector>

#include "auditflow/match/rule_set.hpp"
#include "auditflow/sigma/document.hpp"
#include "auditflow/sigma/link.hpp"

#include "src/match/expression.hpp"
#include "src/match/regex_budget.hpp"

namespace auditflow::match {

/// The code of a rule that is too large because of its filters.
inline constexpr const char* kTooManyFilters = "filters-too-large";

/// The meaning of one detection rule together with the filters that apply to it.
/// `budget`: of the whole rule set's regular expressions; null for none.
/// @return nothing, and the reason appended to `diagnostics`, if the rule cannot be evaluated.
std::optional<Expression> Lower(const sigma::LinkedRules& rules, RuleIndex rule,
                                const CompileOptions& options,
                                std::vector<sigma::Diagnostic>& diagnostics,
                                RegexBudget* budget = nullptr);

}  // namespace auditflow::match
