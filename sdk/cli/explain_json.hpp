#pragma once

#include <string>
#include <vector>

#include "auditflow/match/explain.hpp"
#include "auditflow/pipeline/correlation_explanation.hpp"

#include "cli/rule_entries.hpp"

namespace auditflow::cli {

/// An explanation as one line of JSON; docs/reference/cli.md says what is in it.
std::string ExplanationJson(const RuleEntry& rule, const match::Explanation& explanation);

/// The same for a correlation.
std::string CorrelationJson(const RuleEntry& rule,
                            const std::vector<pipeline::ExplainedReference>& references,
                            const sigma::LinkedRules& rules);

}  // namespace auditflow::cli
