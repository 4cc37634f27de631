#pragma once

#include <vector>

#include <tl/expected.hpp>

#include "auditflow/match/rule_set.hpp"
#include "auditflow/sigma/document.hpp"

#include "src/match/expression.hpp"
#include "src/match/regex_budget.hpp"

namespace auditflow::match {

/// Modifiers that say how the values are put together: they leave each value as it is, so their
/// place in the chain does not matter.
bool IsAboutTheWhole(sigma::Modifier modifier);

bool Has(const sigma::DetectionItem& item, sigma::Modifier modifier);

/// Takes one value of an item through the item's modifiers, from left to right.
/// `budget`: null for none.
/// @return an atom for each alternative that the modifiers make of the value.
tl::expected<std::vector<Expression>, sigma::Diagnostic> LowerValue(
    const sigma::DetectionItem& item, const sigma::Node& value, const CompileOptions& options,
    RegexBudget* budget);

}  // namespace auditflow::match
