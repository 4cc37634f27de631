#pragma once

#include <cstdint>
#include <memory>

#include "auditflow/core/clock.hpp"
#include "auditflow/postgres/postgres_options.hpp"
#include "auditflow/store/event_store.hpp"

namespace auditflow::postgres {

struct PostgresEventStoreOptions {
  PostgresOptions connection = {};
  /// Days before today that get a partition of their own when an event of theirs comes in, 1 to
  /// 3650; tomorrow does, too. What is older or further ahead goes to one partition for all of it,
  /// so that absurd times make no thousands of tables.
  std::uint32_t partition_days = 90;
};

/// @return kInvalidArgument naming the option and what is wrong with it.
Status Validate(const PostgresEventStoreOptions& options);

/// The archive in PostgreSQL: the table `audit_events`, partitioned by day in UTC.
///
/// `Insert` copies a batch into a temporary table of its session and moves from there what is new,
/// in one transaction. Partitions are made before that, each in a transaction of its own; making
/// one moves events of its day in from the partition for all others. `DropBefore` drops whole
/// partitions; each waits for running queries, for up to `lock_timeout`. From the partition for all
/// others it deletes. An event that was dated ahead and that its day's partition took in when the
/// day came goes with that day.
///
/// Connects, migrates, reconnects and fails as `PostgresAlertStore` does; the migrations are its
/// own, so that the archive and the alerts can share a database or not. The database's encoding has
/// to be UTF8, and the role has to own the table. The clock says which days get partitions.
///
/// Thread safety: thread-safe. The clock must outlive it. No call may be running when it is
/// destroyed. The destructor waits for a connection attempt under way, up to `connect_timeout` per
/// host.
class PostgresEventStore final : public store::EventStore {
 public:
  /// Touches no network.
  /// @return kInvalidArgument naming the option that is wrong.
  static Result<std::unique_ptr<PostgresEventStore>> Create(
      const PostgresEventStoreOptions& options, Clock& clock = SystemClock());
  ~PostgresEventStore() override;
  PostgresEventStore(const PostgresEventStore&) = delete;
  PostgresEventStore& operator=(const PostgresEventStore&) = delete;

  /// Begins to connect, unless it did so before. Returns at once.
  void Connect();
  [[nodiscard]] PostgresHealth Health() const;
  [[nodiscard]] PoolStatistics Pool() const;

  Result<std::vector<store::InsertResult>> Insert(
      std::span<const store::ArchivedEvent> events) override;
  Result<std::size_t> AddRules(std::span<const store::LaterRule> rules) override;
  Status DropBefore(Timestamp time) override;
  Result<store::EventPage> List(const store::EventQuery& query) override;
  Result<std::optional<store::ArchivedEvent>> Get(const Uuid& event_id) override;
  Result<store::EventStats> Stats(const store::StatsQuery& query) override;
  Status Ping() override;

 private:
  struct Impl;
  explicit PostgresEventStore(std::unique_ptr<Impl> impl);
  const std::unique_ptr<Impl> impl_;
};

}  // namespace auditflow::postgres
