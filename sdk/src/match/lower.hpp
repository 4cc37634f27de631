#pragma once

#include <optional>
#include <vector>

#include "auditflow/match/rule_set.hpp"
#include "auditflow/sigma/document.hpp"
#include "auditflow/sigma/link.hpp"

#include "src/match/expression.hpp"

namespace auditflow::match {

/// The meaning of one detection rule together with the filters that apply to it.
/// @return nothing, and the reason appended to `diagnostics`, if the rule cannot be evaluated.
std::optional<Expression> Lower(const sigma::LinkedRules& rules, RuleIndex rule,
                                const CompileOptions& options,
                                std::vector<sigma::Diagnostic>& diagnostics);

}  // namespace auditflow::match
