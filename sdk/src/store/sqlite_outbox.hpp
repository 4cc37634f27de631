#pragma once

#include <functional>
#include <vector>

#include "auditflow/core/clock.hpp"
#include "auditflow/store/outbox.hpp"

#include "src/store/sqlite_connection.hpp"
#include "src/store/sqlite_database.hpp"

namespace auditflow::store {

/// The outbox of `SqliteAlertStore`.
///
/// Thread safety: thread-safe, but for `Prepare` and `Add`.
class SqliteOutbox final : public Outbox {
 public:
  /// `database` must outlive it.
  SqliteOutbox(std::vector<OutboxTarget> targets, SqliteDatabase& database, Clock& clock)
      : targets_(std::move(targets)), database_(database), clock_(clock) {}

  /// Before the first `Add`.
  Status Prepare();
  /// One entry for each target that takes the alert. Requires the writer's open transaction.
  Status Add(const alert::Alert& alert, Timestamp now);

  Result<std::vector<OutboxEntry>> Claim(const ClaimRequest& request) override;
  Status Delivered(const OutboxEntry& entry) override;
  Status RetryAt(const OutboxEntry& entry, Timestamp at, std::string_view error) override;
  Status DeadLetter(const OutboxEntry& entry, std::string_view reason) override;
  Result<std::vector<DeadEntry>> ListDead(const DeadQuery& query) override;
  Result<std::uint64_t> Replay(std::span<const std::uint64_t> ids) override;
  Result<std::uint64_t> ReplayChannel(std::string_view channel) override;
  Result<std::uint64_t> Discard(std::span<const std::uint64_t> ids) override;
  Result<std::uint64_t> ForgetDead(Timestamp before, std::uint64_t keep) override;
  Result<std::vector<OutboxNumbers>> Numbers() override;

 private:
  using Bind = std::function<void(SqliteStatement&)>;

  [[nodiscard]] Timestamp Now() const;
  /// Changes the entry that a worker holds; `sql` begins a statement without its condition.
  Status Settle(const OutboxEntry& entry, std::string_view sql, const Bind& bind);
  Result<std::uint64_t> ForEach(std::span<const std::uint64_t> ids, std::string_view sql,
                                const Bind& bind);

  const std::vector<OutboxTarget> targets_;
  SqliteDatabase& database_;
  Clock& clock_;
  SqliteStatement add_;
};

}  // namespace auditflow::store
