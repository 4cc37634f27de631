#include <string>
#include <string_view>

#include "auditflow/api/alerts.hpp"
#include "auditflow/event/json_writer.hpp"

namespace auditflow::api {
namespace {

/// Writes the members of one object.
class Row {
 public:
  explicit Row(std::string& out) : out_(out) { out_.push_back('{'); }

  void Text(std::string_view key, std::string_view value) {
    event::AppendJsonString(value, Key(key));
  }
  void Null(std::string_view key) { Key(key).append("null"); }
  std::string& Key(std::string_view key) {
    if (!first_) out_.push_back(',');
    first_ = false;
    out_.append(1, '"').append(key).append("\":");
    return out_;
  }
  void End() { out_.push_back('}'); }

 private:
  std::string& out_;
  bool first_ = true;
};

void AppendHead(const store::StoredAlert& stored, Row& row) {
  const alert::Alert& alert = stored.alert;
  row.Text("alert_id", alert.alert_id.ToString());
  row.Text("correlation_id", alert.correlation_id.ToString());
  row.Text("timestamp", alert.timestamp.ToString());
  row.Text("received_at", stored.received_at.ToString());
  row.Text("alert_name", alert.alert_name);
  row.Text("alert_type", alert.alert_type);
  row.Text("severity", alert.severity);
  row.Text("description", alert.description);
  row.Text("source_service_name", alert.source_service_name);
}

void AppendFlattened(const alert::Alert& alert, Row& row) {
  row.Text("rule_id", alert.analysis_rule.rule_id);
  row.Text("rule_name", alert.analysis_rule.rule_name);
  row.Text("actor_type", alert.triggered_by.actor_type);
  row.Text("actor_id", alert.triggered_by.actor_id);
  const std::string& client_ip = alert.triggered_by.client_ip;
  if (client_ip.empty() || client_ip == "N/A") {
    row.Null("client_ip");
  } else {
    row.Text("client_ip", client_ip);
  }
  row.Text("resource_type", alert.impacted_resource.resource_type);
  row.Text("resource_id", alert.impacted_resource.resource_id);
  row.Text("server_hostname", alert.impacted_resource.server_hostname);
  row.Text("action_observed", alert.action_observed);
}

}  // namespace

void AppendAlertRow(const store::StoredAlert& stored, std::string& out) {
  const alert::Alert& alert = stored.alert;
  Row row(out);
  AppendHead(stored, row);
  AppendFlattened(alert, row);
  alert::AppendJson(alert.analysis_rule, row.Key("analysis_rule_details"));
  alert::AppendJson(alert.triggered_by, row.Key("triggered_by_details"));
  alert::AppendJson(alert.impacted_resource, row.Key("impacted_resource_details"));
  alert::AppendJson(alert.metadata, row.Key("metadata"));
  row.Key("raw_event_data").append(alert.raw_event_data);
  AppendAlertState(stored.state, row.Key("state"));
  row.End();
}

void AppendAlertState(const store::AlertState& state, std::string& out) {
  Row row(out);
  row.Text("status", ToString(state.status));
  row.Key("deleted").append(state.deleted ? "true" : "false");
  row.Key("version").append(std::to_string(state.version));
  if (state.version == 0) {
    for (const std::string_view key : {"changed_at", "changed_by", "change_reason"}) row.Null(key);
  } else {
    row.Text("changed_at", state.changed_at.ToString());
    row.Text("changed_by", state.changed_by);
    row.Text("change_reason", state.change_reason);
  }
  row.End();
}

std::string AlertRows(const std::vector<store::StoredAlert>& alerts) {
  std::string out = "[";
  for (const store::StoredAlert& stored : alerts) {
    if (out.size() > 1) out.push_back(',');
    AppendAlertRow(stored, out);
  }
  out.push_back(']');
  return out;
}

}  // namespace auditflow::api
