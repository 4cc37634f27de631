#pragma once

#include <string>
#include <string_view>

#include "auditflow/store/alert_store.hpp"

#include "src/store/sqlite_connection.hpp"

namespace auditflow::store {

/// The columns in the order in which `AlertRow` binds and reads them.
constexpr std::string_view kAlertColumns =
    "alert_id, correlation_id, timestamp, received_at, alert_name, alert_type, severity, "
    "description, source_service_name, rule_id, rule_name, actor_type, actor_id, client_ip, "
    "resource_type, resource_id, server_hostname, action_observed, analysis_rule_details, "
    "triggered_by_details, impacted_resource_details, metadata, raw_event_data";
constexpr int kAlertColumnCount = 23;
/// What people have done to it, in the order in which `ReadState` reads them.
constexpr std::string_view kStateColumns =
    "status, deleted, version, changed_at, changed_by, change_reason";

/// Turns alerts into rows; keeps the text it makes until the next one.
class AlertRow {
 public:
  /// Binds one parameter per column. `alert` and this must outlive the statement's run.
  void Bind(const alert::Alert& alert, Timestamp received_at, SqliteStatement& statement);

 private:
  std::string alert_id_, correlation_id_, rule_, actor_, resource_, metadata_;
};

/// Reads `kStateColumns` from the row on which `statement` stands.
/// @return kDataLoss if they are not what a store wrote.
Result<AlertState> ReadState(const SqliteStatement& statement, int first_column);

/// Reads the row on which `statement` stands: `kAlertColumns`, then `kStateColumns`.
/// @return kDataLoss if the row is not what `AlertRow` wrote.
Result<StoredAlert> ReadAlertRow(const SqliteStatement& statement);

}  // namespace auditflow::store
