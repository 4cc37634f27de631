#pragma once

#include <memory>
#include <vector>

#include "auditflow/core/clock.hpp"
#include "auditflow/postgres/postgres_options.hpp"
#include "auditflow/store/alert_store.hpp"
#include "auditflow/store/outbox.hpp"

namespace auditflow::postgres {

/// Alerts in PostgreSQL: the wire contract's table `alerts`, shared with whoever else knows it.
///
/// Starts and answers without a database: a thread connects, brings the tables to this release's
/// schema and, for as long as it lives, reconnects with backoff. Meanwhile every call returns
/// kUnavailable with the reason, at once. A connection that turns out to be stale is replaced
/// within the call.
///
/// What `Insert` reports is committed. When the connection is lost during the commit, `Insert`
/// returns kUnavailable, and the batch may be stored or not: sending it again is safe and reports
/// the stored ones as duplicates. Texts that the database refuses though `alert::Validate` lets
/// them through (a number that jsonb cannot hold, a character that the database's encoding lacks)
/// make their own alert kRejected, naming the field. `received_at` is the clock's time of the
/// insert. A row that another program wrote is read as far as it is understood.
///
/// Other statuses: kUnavailable for a database that is away or read-only; kResourceExhausted for a
/// full disk or when all connections are in use for `acquire_timeout`; kDeadlineExceeded for
/// `statement_timeout`; kAborted for a lock that took longer than `lock_timeout`, or a deadlock
/// that persists; kFailedPrecondition for missing tables.
///
/// Thread safety: thread-safe. The clock must outlive it. No call may be running when it is
/// destroyed. The destructor waits for a connection attempt under way, up to `connect_timeout` per
/// host.
class PostgresAlertStore final : public store::AlertStore {
 public:
  /// Touches no network, but for the thread that then connects, see `connect_at_once`.
  /// @return kInvalidArgument naming the option that is wrong.
  static Result<std::unique_ptr<PostgresAlertStore>> Create(const PostgresOptions& options,
                                                            Clock& clock = SystemClock());
  /// The same, and new alerts are to be told to `targets`: see `store::Outbox`.
  /// @return also kInvalidArgument "outbox_targets: …".
  static Result<std::unique_ptr<PostgresAlertStore>> Create(
      const PostgresOptions& options, std::vector<store::OutboxTarget> targets,
      Clock& clock = SystemClock());
  ~PostgresAlertStore() override;
  PostgresAlertStore(const PostgresAlertStore&) = delete;
  PostgresAlertStore& operator=(const PostgresAlertStore&) = delete;

  /// Begins to connect, unless it did so before. Returns at once.
  void Connect();
  [[nodiscard]] PostgresHealth Health() const;
  /// What is still to be told, whichever program wrote it. Lives as long as the store.
  [[nodiscard]] store::Outbox& outbox();
  [[nodiscard]] PoolStatistics Pool() const;

  Result<std::vector<store::InsertResult>> Insert(std::span<const alert::Alert> alerts) override;
  Result<std::vector<store::StoredAlert>> List(const store::AlertQuery& query) override;
  Result<std::optional<store::StoredAlert>> Get(const Uuid& alert_id) override;
  Result<std::uint64_t> Count(const store::AlertQuery& query) override;
  Result<std::vector<store::FacetCount>> CountBy(store::AlertFacet facet,
                                                 const store::AlertQuery& query) override;
  Result<store::StoredAlert> SetStatus(const Uuid& alert_id, store::AlertStatus status,
                                       const store::ChangeNote& note) override;
  Result<store::StoredAlert> Delete(const Uuid& alert_id, const store::ChangeNote& note) override;
  Result<std::vector<store::AlertState>> History(const Uuid& alert_id) override;
  Status Ping() override;

 private:
  struct Impl;
  explicit PostgresAlertStore(std::unique_ptr<Impl> impl);
  const std::unique_ptr<Impl> impl_;
};

}  // namespace auditflow::postgres
