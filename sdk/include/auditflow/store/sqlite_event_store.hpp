#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

#include "auditflow/store/event_store.hpp"

namespace auditflow::store {

struct SqliteEventStoreOptions {
  std::filesystem::path path;  ///< made if missing; its folder must exist
  /// How long to wait for another program that reads or checkpoints the file.
  Duration busy_timeout = std::chrono::seconds(5);
  /// Upper bound of the database file; 0: none but the disk. Beyond it `Insert` is
  /// kResourceExhausted. Its write-ahead log comes on top.
  std::uint64_t max_bytes = 0;
  /// Reads the whole file for damage before it is used; takes about a second per gigabyte.
  bool check_integrity = false;
};

/// The archive in one SQLite file of its own, safe against crashes and loss of power: for programs
/// that embed the platform.
///
/// What `Insert` reports is on disk. The table is `events`: ids and texts as text, times as
/// nanoseconds since 1970, rule ids as a JSON array. `DropBefore` goes in small transactions, so
/// that inserts get their turn; the file keeps its size and uses the space again. The file has one
/// owner and fails as that of `SqliteAlertStore` does.
///
/// Thread safety: thread-safe.
class SqliteEventStore final : public EventStore {
 public:
  /// @return kFailedPrecondition for a file that is in use by another store, is no SQLite
  /// database, belongs to another program or was written by a newer release.
  static Result<std::unique_ptr<SqliteEventStore>> Create(const SqliteEventStoreOptions& options);
  ~SqliteEventStore() override;
  SqliteEventStore(const SqliteEventStore&) = delete;
  SqliteEventStore& operator=(const SqliteEventStore&) = delete;

  Result<std::vector<InsertResult>> Insert(std::span<const ArchivedEvent> events) override;
  Result<std::size_t> AddRules(std::span<const LaterRule> rules) override;
  Status DropBefore(Timestamp time) override;
  Result<EventPage> List(const EventQuery& query) override;
  Result<std::optional<ArchivedEvent>> Get(const Uuid& event_id) override;
  Result<EventStats> Stats(const StatsQuery& query) override;
  Status Ping() override;

 private:
  struct Impl;
  explicit SqliteEventStore(std::unique_ptr<Impl> impl);
  const std::unique_ptr<Impl> impl_;
};

}  // namespace auditflow::store
