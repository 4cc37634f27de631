#pragma once

#include "src/store/sqlite_connection.hpp"

namespace auditflow::store {

/// Whether the file is new or one of ours that this release can use. Reads only.
/// @return kFailedPrecondition if it belongs to someone else or to a newer release.
Status CheckSchema(SqliteConnection& connection);

/// Brings the file to the current schema, each step in a transaction of its own.
Status MigrateSchema(SqliteConnection& connection);

}  // namespace auditflow::store
