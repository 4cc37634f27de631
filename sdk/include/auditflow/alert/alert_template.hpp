#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "auditflow/alert/alert.hpp"
#include "auditflow/core/result.hpp"
#include "auditflow/core/timestamp.hpp"
#include "auditflow/core/uuid.hpp"

namespace auditflow::event {
class Event;
}  // namespace auditflow::event

namespace auditflow::alert {

/// Event fields to try in order, as `event::TextAt` reads them: an exact key, else a dotted path.
/// A group-by field of the trigger comes before the event's own of that name; texts that are empty
/// or "-" are passed over.
using FieldList = std::vector<std::string>;

FieldList DefaultActorFields();
FieldList DefaultClientIpFields();
FieldList DefaultHostnameFields();
FieldList DefaultSourceFields();
/// Where a path stands in the schemas that AuditFlow knows; for rules about files.
FieldList DefaultFileFields();

/// "CRITICAL" … "INFO" for a Sigma level ("critical" … "informational"), "MEDIUM" for any other
/// text.
std::string SeverityForLevel(std::string_view sigma_level);

/// Everything that a rule says about the alerts it makes, as plain data.
///
/// `description` and `action_observed` are texts with placeholders: `{field}` becomes the group's
/// or else the event's value of that name (first 1024 bytes; "N/A" if there is none),
/// `{auditflow.value}` the number that met a correlation's condition; `{{` and `}}` stand for
/// braces.
///
/// Thread safety: a value type.
struct AlertTemplate {
  std::string rule_key;  ///< the rule's part in `alert_id`; `rule_id` if empty
  std::string rule_id;
  std::string rule_name;
  std::string rule_description;
  std::string alert_name;  ///< `rule_name` if empty
  std::string alert_type = "SECURITY";
  std::string severity = "MEDIUM";
  std::string description;  ///< `rule_description`, literally, if empty
  /// If empty: `<event_type>_<action_result>` of the event, else its `eventName` or `EventID`, in
  /// upper case.
  std::string action_observed;
  std::string actor_type = "USER";
  FieldList actor_fields = DefaultActorFields();
  FieldList client_ip_fields = DefaultClientIpFields();  ///< the first that holds an IP address
  std::string resource_type = "SERVER";
  FieldList resource_fields;  ///< `hostname_fields` if empty
  FieldList hostname_fields = DefaultHostnameFields();
  FieldList source_fields = DefaultSourceFields();
  std::vector<std::string> tags;
  std::string remediation_guidance;
  std::string playbook_url;
  std::string metric_type;  ///< label `alert_type` of audit_analysis_alerts_total
};

/// What set a rule off.
struct Trigger {
  const event::Event* event = nullptr;  ///< borrowed; the triggering event
  Uuid event_id;
  std::vector<std::pair<std::string, std::string>> group;  ///< group-by field → value
  std::string group_key;        ///< the same, encoded; part of the alert's identity
  std::optional<double> value;  ///< correlations: what met the condition
  std::vector<Uuid> contributors;
  Timestamp time;  ///< of the triggering event
};

/// Checks what a template's author can get wrong: placeholder syntax, widths, UTF-8, NUL, an empty
/// severity or type.
/// @return kInvalidArgument "field: reason".
Status CheckTemplate(const AlertTemplate& alert_template);

/// The alert that `trigger` makes; one that `Validate` accepts, whatever template and event (of at
/// most 64 MiB, 255 levels and a million keys) hold. Requires `trigger.event`, which no other
/// thread may use meanwhile (`Event::NumberText`).
///
/// `alert_id` is the UUIDv5 of rule, group and triggering event, so a replay makes the same alert.
/// Texts that are too wide for their column are cut, NUL in them becomes U+FFFD (no database holds
/// it, and an event must not escape its alert that way). `raw_event_data` is the event byte for
/// byte apart from such a `\u0000`; should two keys become equal that way, it is an object whose
/// one member `text` holds the event's bytes as a string. A malformed placeholder stands as it is
/// written; see `CheckTemplate`. `environment` is written in upper case, as the contract's
/// peers do. A trigger with a value or contributors adds `correlation` to the metadata: `value`,
/// `group`, `time` and `event_ids`.
Alert MakeAlert(const AlertTemplate& alert_template, const Trigger& trigger,
                std::string_view environment, Timestamp now);

}  // namespace auditflow::alert
