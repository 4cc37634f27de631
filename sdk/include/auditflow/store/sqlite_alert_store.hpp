#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

#include "auditflow/core/clock.hpp"
#include "auditflow/store/alert_store.hpp"
#include "auditflow/store/outbox.hpp"

namespace auditflow::store {

struct SqliteAlertStoreOptions {
  std::filesystem::path path;  ///< made if missing; its folder must exist
  /// How long to wait for another program that reads or checkpoints the file.
  Duration busy_timeout = std::chrono::seconds(5);
  /// Upper bound of the database file; 0: none but the disk. Beyond it `Insert` is
  /// kResourceExhausted. Its write-ahead log comes on top.
  std::uint64_t max_bytes = 0;
  /// Reads the whole file for damage before it is used; takes about a second per gigabyte.
  bool check_integrity = false;
  std::vector<OutboxTarget> outbox_targets = {};  ///< who is told of new alerts, see `Outbox`
};

/// Alerts in one SQLite file: the embedded store, safe against crashes and loss of power.
///
/// Write-ahead log with synchronous=FULL: what `Insert` reports is on disk. The table is the wire
/// contract's `alerts`: UUIDs and JSON as text, times as nanoseconds since 1970. One process at a
/// time owns the file, by a lock on `<path>.lock` that ends with the process; others may read the
/// file with SQLite's own tools. Reads and writes have a connection each and do not wait for
/// each other. `received_at` is the clock's time of the insert.
///
/// Statuses: kUnavailable for a file that is busy, gone, read-only or on a failing disk;
/// kResourceExhausted for a full disk; kDataLoss for a damaged file. Nothing is ever repaired,
/// emptied or overwritten.
///
/// Thread safety: thread-safe. The clock must outlive it.
class SqliteAlertStore final : public AlertStore {
 public:
  /// @return as above; kInvalidArgument naming the option; kFailedPrecondition for a file that is
  /// in use by another store, is no SQLite database, belongs to another program or was written by a
  /// newer release.
  static Result<std::unique_ptr<SqliteAlertStore>> Create(const SqliteAlertStoreOptions& options,
                                                          Clock& clock = SystemClock());
  ~SqliteAlertStore() override;
  SqliteAlertStore(const SqliteAlertStore&) = delete;
  SqliteAlertStore& operator=(const SqliteAlertStore&) = delete;

  /// What is still to be told, be it to targets of an earlier start. Lives as long as the store.
  [[nodiscard]] Outbox& outbox();

  Result<std::vector<InsertResult>> Insert(std::span<const alert::Alert> alerts) override;
  Result<std::vector<StoredAlert>> List(const AlertQuery& query) override;
  Result<std::optional<StoredAlert>> Get(const Uuid& alert_id) override;
  Result<std::uint64_t> Count(const AlertQuery& query) override;
  Result<std::vector<FacetCount>> CountBy(AlertFacet facet, const AlertQuery& query) override;
  Result<StoredAlert> SetStatus(const Uuid& alert_id, AlertStatus status,
                                const ChangeNote& note) override;
  Result<StoredAlert> Delete(const Uuid& alert_id, const ChangeNote& note) override;
  Result<std::vector<AlertState>> History(const Uuid& alert_id) override;
  Status Ping() override;

 private:
  struct Impl;
  explicit SqliteAlertStore(std::unique_ptr<Impl> impl);
  const std::unique_ptr<Impl> impl_;
};

}  // namespace auditflow::store
