#pragma once

#include <vector>

#include "auditflow/alert/alert_template.hpp"
#include "auditflow/pipeline/code_rule.hpp"
#include "auditflow/sigma/document.hpp"
#include "auditflow/sigma/source.hpp"

namespace auditflow::pipeline {

/// Puts the usable ones before the detections, so that of two rules with one id the file's gives
/// way, and its place is in the diagnostic. The others are reported as invalid.
void AddCodeRules(const std::vector<CodeRule>& code_rules,
                  std::vector<sigma::DetectionRule>& detections,
                  std::vector<sigma::Diagnostic>& diagnostics);

/// The alert that a code rule has of its own, or null.
const alert::AlertTemplate* OwnAlert(const sigma::DetectionRule& rule,
                                     const std::vector<CodeRule>& code_rules);

}  // namespace auditflow::pipeline
