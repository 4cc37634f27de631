#pragma once

#include <memory>
#include <optional>
#include <stop_token>

#include "auditflow/core/clock.hpp"
#include "auditflow/observe/health.hpp"
#include "auditflow/observe/metrics.hpp"
#include "auditflow/postgres/postgres_event_store.hpp"
#include "auditflow/store/event_store.hpp"

#include "audit-log-analysis/settings.hpp"
#include "common/postgres_metrics.hpp"

namespace auditflow::services {

/// The archive of the settings, and its retention.
///
/// Thread safety: thread-compatible; the store is thread-safe.
class Archive {
 public:
  /// Touches no network, and with `only_checked` no file either: then it is a stand-in that keeps
  /// nothing. @return null if it is off; what is wrong with the settings or the file.
  static Result<std::unique_ptr<Archive>> Open(const AnalysisSettings& settings,
                                               observe::Metrics& metrics, Clock& clock,
                                               bool only_checked = false);

  [[nodiscard]] store::EventStore& store() const { return *store_; }
  /// Begins to connect, if it is in a database.
  void Connect();
  /// Reports the database as the component "postgres", if there is one.
  void ShowConnection(observe::HealthRegistry& health) const;
  /// Forgets once an hour what is older than the retention, until `stop`.
  void Retain(const std::stop_token& stop);

 private:
  Archive(std::unique_ptr<store::EventStore> store, std::uint32_t retention_days, Clock& clock)
      : store_(std::move(store)), retention_days_(retention_days), clock_(clock) {}

  std::unique_ptr<store::EventStore> store_;
  postgres::PostgresEventStore* postgres_ = nullptr;  ///< `store_`, if it is one
  std::optional<PoolMetrics> pool_metrics_;
  std::uint32_t retention_days_;
  Clock& clock_;
};

}  // namespace auditflow::services
