#include "auditflow/alert/alert_template.hpp"

#include <array>

#include "src/alert/placeholders.hpp"
#include "src/alert/text_fields.hpp"

namespace auditflow::alert {

FieldList DefaultActorFields() {
  return {"user_id",
          "user",
          "user.name",
          "username",
          "User",
          "SubjectUserName",
          "TargetUserName",
          "Event.EventData.User",
          "Event.EventData.SubjectUserName",
          "Event.EventData.TargetUserName",
          "userIdentity.userName",
          "userIdentity.arn"};
}

FieldList DefaultClientIpFields() {
  return {"client_ip",  "details.ip_address", "source_ip",      "src_ip",
          "ip_address", "IpAddress",          "SourceIp",       "Event.EventData.IpAddress",
          "source.ip",  "client.ip",          "sourceIPAddress"};
}

FieldList DefaultHostnameFields() {
  return {"server_hostname", "hostname", "host",         "host.name",
          "Hostname",        "Computer", "ComputerName", "Event.System.Computer"};
}

FieldList DefaultSourceFields() {
  return {"source_service", "source",        "service.name", "eventSource",
          "Channel",        "Provider_Name", "SourceName",   "Event.System.Channel"};
}

FieldList DefaultFileFields() {
  return {"resource",
          "details.resource",
          "path",
          "file_path",
          "file.path",
          "TargetFilename",
          "ObjectName",
          "Event.EventData.TargetFilename",
          "requestParameters.key"};
}

std::string SeverityForLevel(std::string_view sigma_level) {
  if (sigma_level == "critical") return "CRITICAL";
  if (sigma_level == "high") return "HIGH";
  if (sigma_level == "low") return "LOW";
  if (sigma_level == "informational") return "INFO";
  return "MEDIUM";
}

namespace {

Status CheckPlaceholders(std::string_view field, std::string_view text) {
  const auto parts = ParsePlaceholders(text);
  return parts ? Status() : parts.error().WithContext(field);
}

/// The template's fixed texts where an alert would hold them, to be measured there.
Alert FixedTexts(const AlertTemplate& rule) {
  Alert alert;
  alert.analysis_rule = {rule.rule_id, rule.rule_name, rule.rule_description};
  alert.alert_name = rule.alert_name;
  alert.alert_type = rule.alert_type;
  alert.severity = rule.severity;
  alert.description = rule.description;
  alert.action_observed = rule.action_observed;
  alert.triggered_by.actor_type = rule.actor_type;
  alert.impacted_resource.resource_type = rule.resource_type;
  alert.metadata.tags = rule.tags;
  alert.metadata.remediation_guidance = rule.remediation_guidance;
  alert.metadata.playbook_url = rule.playbook_url;
  return alert;
}

}  // namespace

Status CheckTemplate(const AlertTemplate& alert_template) {
  if (alert_template.severity.empty()) return InvalidArgument("severity: is empty");
  if (alert_template.alert_type.empty()) return InvalidArgument("alert_type: is empty");
  Status status = CheckPlaceholders("description", alert_template.description);
  if (!status.ok()) return status;
  status = CheckPlaceholders("action_observed", alert_template.action_observed);
  if (!status.ok()) return status;
  return ValidateTexts(FixedTexts(alert_template));
}

}  // namespace auditflow::alert
