#include "src/postgres/alert_rows.hpp"

#include <string_view>

#include <pqxx/strconv>

#include "src/postgres/times.hpp"

namespace auditflow::postgres {
namespace {

// Columns, by the order of AlertSelectList.
enum Column : int {
  kAlertId,
  kCorrelationId,
  kTimestamp,
  kTimestampNanos,
  kReceivedAt,
  kReceivedNanos,
  kAlertName,
  kAlertType,
  kSeverity,
  kDescription,
  kSourceServiceName,
  kRuleId,
  kRuleName,
  kActorType,
  kActorId,
  kClientIp,
  kResourceType,
  kResourceId,
  kServerHostname,
  kActionObserved,
  kRuleJson,
  kActorJson,
  kResourceJson,
  kMetadataJson,
  kRawEvent,
  kState  ///< the first of them
};

std::string_view Text(const pqxx::row& row, int column) {
  const pqxx::field field = row[column];
  return {field.c_str(), field.size()};
}

std::int64_t Integer(const pqxx::row& row, int column) {
  return row[column].is_null() ? 0 : row[column].as<std::int64_t>();
}

/// One nested object, read by way of an alert that has nothing else in it.
/// @return an empty alert if it is not as the contract says.
alert::Alert ReadNested(std::string_view name, std::string_view json) {
  if (json.empty()) return {};
  std::string text = R"({"alert_name":"","alert_type":"","severity":"","raw_event_data":{},)"
                     R"("timestamp":"1970-01-01T00:00:00Z",)"
                     R"("alert_id":"00000000-0000-0000-0000-000000000000",)"
                     R"("correlation_id":"00000000-0000-0000-0000-000000000000",")";
  text.append(name).append("\":").append(json).append(1, '}');
  return alert::FromJson(text).value_or(alert::Alert());
}

/// The column rules; what it does not say comes from the nested object.
void Override(const pqxx::row& row, int column, std::string& target) {
  if (!row[column].is_null()) target = Text(row, column);
}

void ReadNestedObjects(const pqxx::row& row, alert::Alert& alert) {
  alert.analysis_rule = ReadNested("analysis_rule", Text(row, kRuleJson)).analysis_rule;
  alert.triggered_by = ReadNested("triggered_by", Text(row, kActorJson)).triggered_by;
  alert.impacted_resource =
      ReadNested("impacted_resource", Text(row, kResourceJson)).impacted_resource;
  alert.metadata = ReadNested("metadata", Text(row, kMetadataJson)).metadata;
  Override(row, kRuleId, alert.analysis_rule.rule_id);
  Override(row, kRuleName, alert.analysis_rule.rule_name);
  Override(row, kActorType, alert.triggered_by.actor_type);
  Override(row, kActorId, alert.triggered_by.actor_id);
  Override(row, kResourceType, alert.impacted_resource.resource_type);
  Override(row, kResourceId, alert.impacted_resource.resource_id);
  Override(row, kServerHostname, alert.impacted_resource.server_hostname);
  // The nested text is as it was sent, the column as PostgreSQL spells addresses.
  std::string& ip = alert.triggered_by.client_ip;
  if (ip.empty() || ip == "N/A") ip = row[kClientIp].is_null() ? "N/A" : Text(row, kClientIp);
}

}  // namespace

const std::string& StateSelectList() {
  static const std::string kList = "status, deleted::integer, version, " +
                                   Microseconds("changed_at") + ", changed_by, change_reason";
  return kList;
}

const std::string& AlertSelectList() {
  static const std::string kList =
      "alert_id, correlation_id, " + Microseconds("timestamp") + ", timestamp_nanos, " +
      Microseconds("coalesce(received_at, timestamp)") +
      ", received_nanos, alert_name, alert_type, severity, description, source_service_name, "
      "rule_id, rule_name, actor_type, actor_id, host(client_ip), resource_type, resource_id, "
      "server_hostname, action_observed, analysis_rule_details, triggered_by_details, "
      "impacted_resource_details, metadata, coalesce(raw_event_text, raw_event_data::text), " +
      StateSelectList();
  return kList;
}

store::AlertState ReadState(const pqxx::row& row, int first_column) {
  int column = first_column;
  store::AlertState state;
  state.status = store::ParseAlertStatus(Text(row, column++)).value_or(state.status);
  state.deleted = Integer(row, column++) != 0;
  state.version = static_cast<std::uint32_t>(Integer(row, column++));
  state.changed_at = ReadTime(row, column++, 0);
  state.changed_by = Text(row, column++);
  state.change_reason = Text(row, column);
  return state;
}

store::StoredAlert ReadAlert(const pqxx::row& row) {
  store::StoredAlert stored;
  alert::Alert& alert = stored.alert;
  alert.alert_id = Uuid::Parse(Text(row, kAlertId)).value_or(Uuid());
  alert.correlation_id = Uuid::Parse(Text(row, kCorrelationId)).value_or(Uuid());
  alert.timestamp = ReadTime(row, kTimestamp, Integer(row, kTimestampNanos));
  alert.alert_name = Text(row, kAlertName);
  alert.alert_type = Text(row, kAlertType);
  alert.severity = Text(row, kSeverity);
  alert.description = Text(row, kDescription);
  alert.source_service_name = Text(row, kSourceServiceName);
  alert.action_observed = Text(row, kActionObserved);
  ReadNestedObjects(row, alert);
  alert.raw_event_data = Text(row, kRawEvent);
  stored.received_at = ReadTime(row, kReceivedAt, Integer(row, kReceivedNanos));
  stored.state = ReadState(row, kState);
  return stored;
}

}  // namespace auditflow::postgres
