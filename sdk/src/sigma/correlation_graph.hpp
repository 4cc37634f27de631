#pragma once

#include <vector>

#include "auditflow/sigma/link.hpp"

#include "src/sigma/rule_index.hpp"

namespace auditflow::sigma {

/// Resolves the references of `rules.correlations`, drops those that cannot be used (and those that
/// depend on them) with diagnostics, and fills `references_of` and `correlation_order`.
void LinkCorrelations(const RuleIndex& index, LinkedRules& linked,
                      std::vector<Diagnostic>& diagnostics);

}  // namespace auditflow::sigma
