#pragma once

#include <span>
#include <string_view>

#include "auditflow/core/status.hpp"
#include "auditflow/core/timestamp.hpp"

#include "src/postgres/connection.hpp"

namespace auditflow::postgres {

/// One file of sdk/migrations/postgres, built into the library. A released one never changes.
struct Migration {
  int version;
  std::string_view name;  ///< of the file: "0001_alerts"
  std::string_view sql;
};

// Generated when the library is configured: all of a folder, in order.

/// Of sdk/migrations/postgres: alerts.
std::span<const Migration> Migrations();
/// Of sdk/migrations/postgres_events: the archive of events.
std::span<const Migration> EventMigrations();

/// Where the archive's are written down: it may have a database of its own or share one.
constexpr std::string_view kEventMigrationTable = "auditflow_event_migrations";

struct MigrationTimeouts {
  Duration statement;
  Duration lock;  ///< for tables; another process's migrations are waited for without limit
};

/// Applies what is missing, each migration in a transaction of its own under an advisory lock that
/// all processes share, and writes it down in `table`. A schema newer than this
/// release is left as it is and used: migrations only ever add.
/// @return kFailedPrecondition if a migration that was applied is not the one this release has, or
/// a table is in the way.
Status Migrate(Connection& connection, std::span<const Migration> migrations,
               const MigrationTimeouts& timeouts, std::string_view table = "auditflow_migrations");

}  // namespace auditflow::postgres
