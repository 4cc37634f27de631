#pragma once

#include "auditflow/core/clock.hpp"
#include "auditflow/store/outbox.hpp"

#include "src/postgres/connection_pool.hpp"

namespace auditflow::postgres {

/// The outbox of `PostgresAlertStore`. Any number of them may work on one database.
///
/// Thread safety: thread-safe.
class PostgresOutbox final : public store::Outbox {
 public:
  PostgresOutbox(ConnectionPool& pool, Clock& clock) : pool_(pool), clock_(clock) {}

  Result<std::vector<store::OutboxEntry>> Claim(const store::ClaimRequest& request) override;
  Status Delivered(const store::OutboxEntry& entry) override;
  Status RetryAt(const store::OutboxEntry& entry, Timestamp at, std::string_view error) override;
  Status DeadLetter(const store::OutboxEntry& entry, std::string_view reason) override;
  Result<std::vector<store::DeadEntry>> ListDead(const store::DeadQuery& query) override;
  Result<std::uint64_t> Replay(std::span<const std::uint64_t> ids) override;
  Result<std::uint64_t> ReplayChannel(std::string_view channel) override;
  Result<std::uint64_t> Discard(std::span<const std::uint64_t> ids) override;
  Result<std::uint64_t> ForgetDead(Timestamp before, std::uint64_t keep) override;
  Result<std::vector<store::OutboxNumbers>> Numbers() override;

 private:
  /// Runs one statement. @return how many rows it changed.
  Result<std::uint64_t> Execute(const std::string& sql, const std::vector<std::string>& parameters);
  /// Changes the entry that a worker holds; `sql` begins a statement without its condition, whose
  /// parameters begin at $3.
  Status Settle(const store::OutboxEntry& entry, const std::string& sql,
                std::vector<std::string> parameters);

  ConnectionPool& pool_;
  Clock& clock_;
};

}  // namespace auditflow::postgres
