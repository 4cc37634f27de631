#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "auditflow/core/clock.hpp"
#include "auditflow/store/alert_store.hpp"
#include "auditflow/store/outbox.hpp"

namespace auditflow::store {

struct InMemoryAlertStoreOptions {
  /// A batch that would exceed it is kResourceExhausted as a whole.
  std::size_t max_alerts = 1'000'000;
  /// Who is told of new alerts, see `Outbox`. Ignored as a whole unless `Validate` accepts them.
  std::vector<OutboxTarget> outbox_targets = {};
};

/// Keeps alerts for as long as the process runs: for tests and for programs that look at their
/// alerts at once. `received_at` is the clock's time of the insert.
///
/// Thread safety: thread-safe. The clock must outlive it.
class InMemoryAlertStore final : public AlertStore {
 public:
  explicit InMemoryAlertStore(const InMemoryAlertStoreOptions& options = {},
                              Clock& clock = SystemClock());
  ~InMemoryAlertStore() override;
  InMemoryAlertStore(const InMemoryAlertStore&) = delete;
  InMemoryAlertStore& operator=(const InMemoryAlertStore&) = delete;

  /// What `outbox_targets` still have to be told. Lives as long as the store.
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
  const std::unique_ptr<Impl> impl_;
};

}  // namespace auditflow::store
