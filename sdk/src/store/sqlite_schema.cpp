#include "src/store/sqlite_schema.hpp"

#include <array>

namespace auditflow::store {
namespace {

/// "AuFl"
constexpr std::int64_t kAlertFile = 0x4175466c;

constexpr std::array kAlertSteps = {
    R"sql(
CREATE TABLE alerts (
  alert_id TEXT NOT NULL PRIMARY KEY,
  correlation_id TEXT NOT NULL,
  timestamp INTEGER NOT NULL,    -- nanoseconds since 1970-01-01T00:00:00Z
  received_at INTEGER NOT NULL,  -- the same
  alert_name TEXT NOT NULL,
  alert_type TEXT NOT NULL,
  severity TEXT NOT NULL,
  description TEXT,
  source_service_name TEXT,
  rule_id TEXT,
  rule_name TEXT,
  actor_type TEXT,
  actor_id TEXT,
  client_ip TEXT,                -- NULL where unknown
  resource_type TEXT,
  resource_id TEXT,
  server_hostname TEXT,
  action_observed TEXT,
  analysis_rule_details TEXT,    -- this and the following are JSON
  triggered_by_details TEXT,
  impacted_resource_details TEXT,
  metadata TEXT,
  raw_event_data TEXT NOT NULL
);
CREATE INDEX alerts_newest ON alerts (timestamp DESC, received_at DESC, alert_id DESC);
CREATE INDEX alerts_type ON alerts (alert_type, timestamp DESC);
CREATE INDEX alerts_severity ON alerts (severity, timestamp DESC);
CREATE INDEX alerts_actor ON alerts (actor_id, timestamp DESC);
CREATE INDEX alerts_host ON alerts (server_hostname, timestamp DESC);
CREATE INDEX alerts_rule ON alerts (rule_id, timestamp DESC);
)sql",
    R"sql(
ALTER TABLE alerts ADD COLUMN status TEXT NOT NULL DEFAULT 'open';
ALTER TABLE alerts ADD COLUMN deleted INTEGER NOT NULL DEFAULT 0;
ALTER TABLE alerts ADD COLUMN version INTEGER NOT NULL DEFAULT 0;
ALTER TABLE alerts ADD COLUMN changed_at INTEGER NOT NULL DEFAULT 0;  -- as timestamp
ALTER TABLE alerts ADD COLUMN changed_by TEXT NOT NULL DEFAULT '';
ALTER TABLE alerts ADD COLUMN change_reason TEXT NOT NULL DEFAULT '';
CREATE INDEX alerts_status ON alerts (status, timestamp DESC);
CREATE TABLE alert_changes (      -- the state after each change
  alert_id TEXT NOT NULL,
  status TEXT NOT NULL,
  deleted INTEGER NOT NULL,
  version INTEGER NOT NULL,
  changed_at INTEGER NOT NULL,
  changed_by TEXT NOT NULL,
  change_reason TEXT NOT NULL,
  PRIMARY KEY (alert_id, version)
) WITHOUT ROWID;
)sql",
    R"sql(
CREATE TABLE notification_outbox (  -- what is still to be told, see Outbox
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  alert_id TEXT NOT NULL,
  channel TEXT NOT NULL,
  queued_at INTEGER NOT NULL,       -- as timestamp
  due_at INTEGER NOT NULL,          -- while a worker has it: the end of the lease
  attempts INTEGER NOT NULL DEFAULT 0,
  lease_token INTEGER NOT NULL DEFAULT 0,
  last_error TEXT NOT NULL DEFAULT '',
  dead_at INTEGER,                  -- NULL: pending
  UNIQUE (alert_id, channel)
);
CREATE INDEX notification_outbox_due ON notification_outbox (channel, due_at, id)
  WHERE dead_at IS NULL;
CREATE INDEX notification_outbox_dead ON notification_outbox (id) WHERE dead_at IS NOT NULL;
)sql",
};

/// "AuFe"
constexpr std::int64_t kEventFile = 0x41754665;

constexpr std::array kEventSteps = {
    R"sql(
CREATE TABLE events (
  event_id TEXT NOT NULL,
  timestamp INTEGER NOT NULL,    -- nanoseconds since 1970-01-01T00:00:00Z
  has_time INTEGER NOT NULL,     -- 0: the event stated no time; timestamp is received_at
  received_at INTEGER NOT NULL,  -- as timestamp
  source_service TEXT NOT NULL,  -- this and the following are empty where the event has none
  server_hostname TEXT NOT NULL,
  event_type TEXT NOT NULL,
  severity TEXT NOT NULL,
  user_id TEXT NOT NULL,
  action_result TEXT NOT NULL,
  rule_ids TEXT NOT NULL,        -- JSON array
  raw TEXT NOT NULL,             -- the event's own bytes
  ahead_day INTEGER,             -- the day of receipt, where timestamp lies too far ahead of it
  PRIMARY KEY (timestamp, event_id)
);
CREATE INDEX events_id ON events (event_id);
CREATE INDEX events_user ON events (user_id, timestamp);
CREATE INDEX events_host ON events (server_hostname, timestamp);
CREATE INDEX events_matched ON events (timestamp) WHERE rule_ids <> '[]';
CREATE INDEX events_ahead ON events (ahead_day) WHERE ahead_day IS NOT NULL;
)sql",
    R"sql(
CREATE TABLE waiting_rules (     -- of events that are not there yet, see EventStore::AddRules
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  event_id TEXT NOT NULL,
  timestamp INTEGER NOT NULL,    -- as of events
  rule_id TEXT NOT NULL,
  UNIQUE (event_id, timestamp, rule_id)
);
)sql",
};

Result<bool> IsEmpty(SqliteConnection& connection) {
  const auto tables = connection.QueryInteger("SELECT count(*) FROM sqlite_master");
  if (!tables) return Error(tables.error());
  return *tables == 0;
}

std::string StepSql(const SqliteSchema& schema, std::size_t step) {
  return std::string("BEGIN IMMEDIATE;") + schema.steps[step] +
         "PRAGMA application_id = " + std::to_string(schema.application_id) +
         "; PRAGMA user_version = " + std::to_string(step + 1) + "; COMMIT;";
}

}  // namespace

const SqliteSchema& AlertSchema() {
  static constexpr SqliteSchema kSchema{kAlertFile, kAlertSteps};
  return kSchema;
}

const SqliteSchema& EventSchema() {
  static constexpr SqliteSchema kSchema{kEventFile, kEventSteps};
  return kSchema;
}

Status CheckSchema(SqliteConnection& connection, const SqliteSchema& schema) {
  const auto owner = connection.QueryInteger("PRAGMA application_id");
  if (!owner) return owner.error();
  const auto version = connection.QueryInteger("PRAGMA user_version");
  if (!version) return version.error();
  if (*owner == schema.application_id) {
    if (*version >= 0 && static_cast<std::size_t>(*version) <= schema.steps.size()) return Status();
    return FailedPrecondition("was written by a newer release: its schema is " +
                              std::to_string(*version) + ", this release knows " +
                              std::to_string(schema.steps.size()));
  }
  const Result<bool> empty = IsEmpty(connection);
  if (!empty) return empty.error();
  if (*empty && *owner == 0 && *version == 0) return Status();
  return FailedPrecondition("is a database of another program; it was left as it is");
}

Status MigrateSchema(SqliteConnection& connection, const SqliteSchema& schema) {
  const auto version = connection.QueryInteger("PRAGMA user_version");
  if (!version) return version.error();
  for (auto step = static_cast<std::size_t>(*version); step < schema.steps.size(); ++step) {
    Status status = connection.Execute(StepSql(schema, step));
    if (status.ok()) continue;
    (void)connection.Execute("ROLLBACK");
    return status;
  }
  return Status();
}

}  // namespace auditflow::store
