#pragma once

#include <cstdint>
#include <span>

#include "src/store/sqlite_connection.hpp"

namespace auditflow::store {

/// The tables of one kind of file, and how a file comes to them.
struct SqliteSchema {
  std::int64_t application_id;  ///< in the file's header, for programs to know their own files by
  /// Step n leads from schema n to n + 1; `user_version` counts them. A step that was released is
  /// never changed again.
  std::span<const char* const> steps;
};

const SqliteSchema& AlertSchema();
const SqliteSchema& EventSchema();

/// Whether the file is new or one of this schema that this release can use. Reads only.
/// @return kFailedPrecondition if it belongs to someone else or to a newer release.
Status CheckSchema(SqliteConnection& connection, const SqliteSchema& schema);

/// Brings the file to the current schema, each step in a transaction of its own.
Status MigrateSchema(SqliteConnection& connection, const SqliteSchema& schema);

}  // namespace auditflow::store
