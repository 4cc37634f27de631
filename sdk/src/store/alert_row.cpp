#include "src/store/alert_row.hpp"

namespace auditflow::store {
namespace {

// Columns, by the order of kAlertColumns.
enum Column : int {
  kAlertId,
  kCorrelationId,
  kTimestamp,
  kReceivedAt,
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
  kAnalysisRuleDetails,
  kTriggeredByDetails,
  kImpactedResourceDetails,
  kMetadata,
  kRawEventData,
  kColumns
};
static_assert(kColumns == kAlertColumnCount);

template <class Part>
const std::string& JsonInto(const Part& part, std::string& text) {
  text.clear();
  alert::AppendJson(part, text);
  return text;
}

bool IsKnown(std::string_view ip) { return !ip.empty() && ip != "N/A"; }

/// An alert's JSON whose plain members stand empty: `FromJson` reads the nested ones out of it.
std::string NestedJson(const SqliteStatement& row) {
  std::string json = R"({"alert_name":"","alert_type":"","severity":"","raw_event_data":{},)"
                     R"("timestamp":"1970-01-01T00:00:00Z","alert_id":")";
  json.append(row.Text(kAlertId))
      .append(R"(","correlation_id":")")
      .append(row.Text(kCorrelationId));
  json.append(R"(","analysis_rule":)").append(row.Text(kAnalysisRuleDetails));
  json.append(R"(,"triggered_by":)").append(row.Text(kTriggeredByDetails));
  json.append(R"(,"impacted_resource":)").append(row.Text(kImpactedResourceDetails));
  return json.append(R"(,"metadata":)").append(row.Text(kMetadata)).append(1, '}');
}

}  // namespace

void AlertRow::Bind(const alert::Alert& alert, Timestamp received_at, SqliteStatement& statement) {
  alert_id_ = alert.alert_id.ToString();
  correlation_id_ = alert.correlation_id.ToString();
  const auto bind = [&](Column column, auto value) { statement.Bind(column + 1, value); };
  const auto text = [&](Column column, std::string_view value) { bind(column, value); };
  text(kAlertId, alert_id_);
  text(kCorrelationId, correlation_id_);
  bind(kTimestamp, alert.timestamp.unix_nanos());
  bind(kReceivedAt, received_at.unix_nanos());
  text(kAlertName, alert.alert_name);
  text(kAlertType, alert.alert_type);
  text(kSeverity, alert.severity);
  text(kDescription, alert.description);
  text(kSourceServiceName, alert.source_service_name);
  text(kRuleId, alert.analysis_rule.rule_id);
  text(kRuleName, alert.analysis_rule.rule_name);
  text(kActorType, alert.triggered_by.actor_type);
  text(kActorId, alert.triggered_by.actor_id);
  if (IsKnown(alert.triggered_by.client_ip)) text(kClientIp, alert.triggered_by.client_ip);
  text(kResourceType, alert.impacted_resource.resource_type);
  text(kResourceId, alert.impacted_resource.resource_id);
  text(kServerHostname, alert.impacted_resource.server_hostname);
  text(kActionObserved, alert.action_observed);
  text(kAnalysisRuleDetails, JsonInto(alert.analysis_rule, rule_));
  text(kTriggeredByDetails, JsonInto(alert.triggered_by, actor_));
  text(kImpactedResourceDetails, JsonInto(alert.impacted_resource, resource_));
  text(kMetadata, JsonInto(alert.metadata, metadata_));
  text(kRawEventData, alert.raw_event_data);
}

Result<AlertState> ReadState(const SqliteStatement& statement, int first_column) {
  int column = first_column;
  const Result<AlertStatus> status = ParseAlertStatus(statement.Text(column++));
  if (!status) return Error(DataLoss(status.error().message()));
  AlertState state{.status = *status};
  state.deleted = statement.Integer(column++) != 0;
  state.version = static_cast<std::uint32_t>(statement.Integer(column++));
  state.changed_at = Timestamp::FromUnixNanos(statement.Integer(column++));
  state.changed_by = statement.Text(column++);
  state.change_reason = statement.Text(column);
  return state;
}

Result<StoredAlert> ReadAlertRow(const SqliteStatement& statement) {
  Result<alert::Alert> nested = alert::FromJson(NestedJson(statement));
  if (!nested) {
    return Error(DataLoss("alert " + std::string(statement.Text(kAlertId)) + ": " +
                          nested.error().message()));
  }
  Result<AlertState> state = ReadState(statement, kAlertColumnCount);
  if (!state) return Error(state.error());
  StoredAlert stored{*std::move(nested), Timestamp::FromUnixNanos(statement.Integer(kReceivedAt)),
                     *std::move(state)};
  alert::Alert& alert = stored.alert;
  alert.timestamp = Timestamp::FromUnixNanos(statement.Integer(kTimestamp));
  alert.alert_name = statement.Text(kAlertName);
  alert.alert_type = statement.Text(kAlertType);
  alert.severity = statement.Text(kSeverity);
  alert.description = statement.Text(kDescription);
  alert.source_service_name = statement.Text(kSourceServiceName);
  alert.action_observed = statement.Text(kActionObserved);
  alert.raw_event_data = statement.Text(kRawEventData);
  return stored;
}

}  // namespace auditflow::store
