#pragma once

#include <string>
#include <string_view>

#include "auditflow/store/archived_event.hpp"

#include "src/store/sqlite_connection.hpp"

namespace auditflow::store {

/// What `ReadEventRow` reads; `ahead_day`, which is written only, comes behind.
constexpr std::string_view kEventColumns =
    "event_id, timestamp, has_time, received_at, source_service, server_hostname, event_type, "
    "severity, user_id, action_result, rule_ids, raw";
constexpr int kEventColumnCount = 12;

/// Puts an event into the parameters of an insert: those of `kEventColumns`, then `ahead_day`. The
/// texts are borrowed from the event and from this object until the statement is reset.
class EventRow {
 public:
  void Bind(const ArchivedEvent& event, SqliteStatement& statement);

 private:
  std::string event_id_;
  std::string rule_ids_;
};

/// @return kDataLoss for a row that this library did not write.
Result<ArchivedEvent> ReadEventRow(const SqliteStatement& row);

}  // namespace auditflow::store
