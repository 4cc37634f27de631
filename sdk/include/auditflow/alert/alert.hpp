#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "auditflow/core/result.hpp"
#include "auditflow/core/timestamp.hpp"
#include "auditflow/core/uuid.hpp"

namespace auditflow::alert {

struct AnalysisRule {
  std::string rule_id;
  std::string rule_name;
  std::string rule_description;
};

struct TriggeredBy {
  std::string actor_type;
  std::string actor_id;
  std::string client_ip;  ///< "N/A" where unknown
};

struct ImpactedResource {
  std::string resource_type;
  std::string resource_id;
  std::string server_hostname;
};

struct AlertMetadata {
  std::vector<std::string> tags;
  std::string environment;
  std::string remediation_guidance;
  std::string playbook_url;
  /// Members that other producers put there, as the text of a JSON object without its braces;
  /// carried, not read.
  std::string extra_json;
};

/// One alert of the wire contract (queue `audit_alerts`, table `alerts`).
///
/// Thread safety: a value type.
struct Alert {
  Uuid alert_id;        ///< identity; the store drops a repeat
  Uuid correlation_id;  ///< the id of the event that triggered it
  Timestamp timestamp;  ///< when it was detected
  std::string alert_name;
  std::string alert_type;
  std::string severity;
  std::string description;
  std::string source_service_name;
  AnalysisRule analysis_rule;
  TriggeredBy triggered_by;
  ImpactedResource impacted_resource;
  std::string action_observed;
  AlertMetadata metadata;
  std::string raw_event_data;  ///< the whole event as JSON text, a JSON object

  friend bool operator==(const Alert&, const Alert&) = default;
};

/// The alert as the wire contract's JSON object. `raw_event_data` is spliced in byte for byte.
std::string ToJson(const Alert& alert);

/// Reads what a producer sent. Required: alert_id, correlation_id, timestamp, alert_name,
/// alert_type, severity, raw_event_data; the rest may be missing or null and is then empty. Unknown
/// members are ignored, except in `metadata`, where they are kept. Strings are checked against the
/// widths of the table `alerts`.
/// @return kInvalidArgument "field: reason", or the JSON parser's "offset N: reason".
Result<Alert> FromJson(std::string_view json);

}  // namespace auditflow::alert
