#pragma once

#include <optional>
#include <vector>

#include "auditflow/store/alert_store.hpp"

#include "src/store/sqlite_connection.hpp"

namespace auditflow::store {

/// The alert with that id, deleted or not.
Result<std::optional<StoredAlert>> FindAlert(SqliteConnection& connection, const Uuid& alert_id);

/// Gives the alert its next state (see `NextState`) and writes that down in its history. Requires
/// an open transaction, which the caller rolls back on failure.
Result<StoredAlert> ChangeAlert(SqliteConnection& writer, const Uuid& alert_id,
                                std::optional<AlertStatus> status, const ChangeNote& note,
                                Timestamp now);

/// The states in the order of their versions.
Result<std::vector<AlertState>> ReadHistory(SqliteConnection& connection, const Uuid& alert_id);

}  // namespace auditflow::store
