#pragma once

#include <vector>

#include "auditflow/alert/alert_template.hpp"
#include "auditflow/sigma/document.hpp"

namespace auditflow::pipeline {

/// What alerts of a rule look like: Sigma's metadata, overruled by the rule's `auditflow:` block.
///
/// Keys of the block, all optional: rule_id, rule_name, rule_description, alert_name, alert_type,
/// severity, description, action_observed, metric_type, remediation, playbook (strings); tags (list
/// of strings); client_ip (list of fields); actor {type, id}; resource {type, id, hostname}, where
/// id and hostname are lists of fields; repeat (once, every), which the correlator reads. One field
/// may stand for a list of one. Unknown keys and wrong types are reported.
alert::AlertTemplate ReadAlertTemplate(const sigma::Metadata& metadata,
                                       std::vector<sigma::Diagnostic>& diagnostics);

}  // namespace auditflow::pipeline
