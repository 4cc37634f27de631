#pragma once

#include <cstddef>

#include <tl/expected.hpp>

#include "auditflow/match/rule_set.hpp"
#include "auditflow/sigma/document.hpp"

#include "src/match/expression.hpp"
#include "src/match/regex_budget.hpp"

namespace auditflow::match {

/// What `field|modifier|…: value(s)` asks: the modifiers applied from left to right to each value,
/// the values joined by OR (AND under `all`), the alternatives of one value always by OR.
/// `budget`: null for none.
/// @return the reason, with the place of the value or item, if it cannot be evaluated.
tl::expected<Expression, sigma::Diagnostic> LowerItem(const sigma::DetectionItem& item,
                                                      const CompileOptions& options,
                                                      RegexBudget* budget = nullptr);

/// How many atoms and operators it has.
std::size_t CountNodes(const Expression& expression);

/// Makes an expression of its kind, or the one child itself.
Expression Join(Expression::Kind kind, std::vector<Expression> children);
Expression Negate(Expression child);

}  // namespace auditflow::match
