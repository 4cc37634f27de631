#pragma once

#include <vector>

#include "auditflow/alert/alert.hpp"
#include "auditflow/pipeline/rule_test.hpp"
#include "auditflow/sigma/node.hpp"

namespace auditflow::pipeline {

/// Compares alerts with the maps that a rule test expects, one by one in order; appends what
/// differs. See `RunRuleTest`.
void CompareAlerts(const std::vector<sigma::Node>& expected,
                   const std::vector<alert::Alert>& actual, const sigma::SourceLocation& location,
                   std::vector<RuleTestDifference>& differences);

}  // namespace auditflow::pipeline
