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

  friend bool operator==(const AnalysisRule&, const AnalysisRule&) = default;
};

struct TriggeredBy {
  std::string actor_type;
  std::string actor_id;
  std::string client_ip;  ///< "N/A" or empty where unknown

  friend bool operator==(const TriggeredBy&, const TriggeredBy&) = default;
};

struct ImpactedResource {
  std::string resource_type;
  std::string resource_id;
  std::string server_hostname;

  friend bool operator==(const ImpactedResource&, const ImpactedResource&) = default;
};

struct AlertMetadata {
  std::vector<std::string> tags;
  std::string environment;
  std::string remediation_guidance;
  std::string playbook_url;
  /// Members that other producers put there, as the text of a JSON object without its braces;
  /// carried, not read.
  std::string extra_json;

  friend bool operator==(const AlertMetadata&, const AlertMetadata&) = default;
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

/// Whether every store can hold the alert: strings are UTF-8 without NUL and within the widths of
/// the table `alerts` (in code points), `client_ip` is an IP address, "N/A" or empty,
/// `raw_event_data` is a JSON object and `metadata.extra_json` the inside of one, both without
/// `\u0000`, and the latter without the four members that have a place of their own.
/// @return kInvalidArgument "field: reason" for the first fault.
Status Validate(const Alert& alert);

/// An IPv4 or IPv6 address in its usual text form, without port, zone or prefix length.
[[nodiscard]] bool IsIpAddress(std::string_view text);

/// The alert as the wire contract's JSON object, members in the order of its sample.
/// `raw_event_data` and `metadata.extra_json` are spliced in byte for byte. An empty `client_ip` is
/// written as "N/A".
std::string ToJson(const Alert& alert);
/// The same, appended to `out`.
void AppendJson(const Alert& alert, std::string& out);
/// The objects in it by themselves, as stores keep them in columns of their own.
void AppendJson(const AnalysisRule& rule, std::string& out);
void AppendJson(const TriggeredBy& actor, std::string& out);
void AppendJson(const ImpactedResource& resource, std::string& out);
void AppendJson(const AlertMetadata& metadata, std::string& out);

/// Reads what a producer sent. Required: alert_id, correlation_id, timestamp, alert_name,
/// alert_type, severity, raw_event_data; the rest may be missing or null and is then empty
/// (`client_ip`: "N/A"). Unknown members are ignored, except in `metadata`, where they are kept.
/// The raw event's values come through unchanged, numbers digit for digit; white space between them
/// and needless escapes do not. What `Validate` refuses is refused here.
/// @return kInvalidArgument "field: reason", or the JSON parser's "offset N: reason".
Result<Alert> FromJson(std::string_view json);

}  // namespace auditflow::alert
