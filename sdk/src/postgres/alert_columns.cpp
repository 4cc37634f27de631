#include "src/postgres/alert_columns.hpp"

namespace auditflow::postgres {
namespace {

bool IsKnown(std::string_view ip) { return !ip.empty() && ip != "N/A"; }

template <class Part>
std::string_view JsonInto(const Part& part, std::string& text) {
  text.clear();
  alert::AppendJson(part, text);
  return text;
}

}  // namespace

const std::array<std::string_view, kAlertColumnCount>& AlertTexts::Make(const alert::Alert& alert) {
  alert_id_ = alert.alert_id.ToString();
  correlation_id_ = alert.correlation_id.ToString();
  time_ = MicrosecondText(alert.timestamp);
  nanos_ = std::to_string(NanosBelowMicrosecond(alert.timestamp));
  const std::string& ip = alert.triggered_by.client_ip;
  texts_ = {alert_id_,
            correlation_id_,
            time_,
            nanos_,
            alert.alert_name,
            alert.alert_type,
            alert.severity,
            alert.description,
            alert.source_service_name,
            alert.analysis_rule.rule_id,
            alert.analysis_rule.rule_name,
            alert.triggered_by.actor_type,
            alert.triggered_by.actor_id,
            IsKnown(ip) ? std::string_view(ip) : std::string_view(),
            alert.impacted_resource.resource_type,
            alert.impacted_resource.resource_id,
            alert.impacted_resource.server_hostname,
            alert.action_observed,
            JsonInto(alert.analysis_rule, rule_),
            JsonInto(alert.triggered_by, actor_),
            JsonInto(alert.impacted_resource, resource_),
            JsonInto(alert.metadata, metadata_),
            alert.raw_event_data};
  return texts_;
}

}  // namespace auditflow::postgres
