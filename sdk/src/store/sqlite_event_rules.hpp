#pragma once

#include <cstddef>
#include <span>

#include "auditflow/core/result.hpp"
#include "auditflow/store/archived_event.hpp"

#include "src/store/sqlite_connection.hpp"

namespace auditflow::store {

/// What `EventStore::AddRules` does in SQLite; each function within a transaction.
///
/// Thread safety: thread-compatible, together with the connection, which must outlive it.
class SqliteEventRules {
 public:
  static Result<SqliteEventRules> Create(SqliteConnection& writer);

  /// @return how many wait. Expects valid rules.
  Result<std::size_t> Add(std::span<const LaterRule> rules);
  /// Whether any wait at all.
  Result<bool> AnyWaiting();
  /// What waits for this event, which is there now, becomes its own.
  Status MoveTo(const ArchivedEvent& event);
  Status DropBefore(Timestamp day);

 private:
  explicit SqliteEventRules(SqliteConnection& writer) : writer_(&writer) {}

  /// @return whether the event is there.
  Result<bool> AddOne(SqliteStatement& update, const LaterRule& rule);
  Status Wait(const LaterRule& rule);

  SqliteConnection* writer_;
  SqliteStatement add_timed_;
  SqliteStatement add_untimed_;
  SqliteStatement wait_;
  SqliteStatement any_;
  SqliteStatement find_;
  SqliteStatement taken_;
  SqliteStatement forget_;
  SqliteStatement drop_;
};

}  // namespace auditflow::store
