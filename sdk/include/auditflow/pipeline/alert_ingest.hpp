#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <stop_token>

#include "auditflow/alert/alert.hpp"
#include "auditflow/broker/broker.hpp"
#include "auditflow/core/clock.hpp"
#include "auditflow/observe/health.hpp"
#include "auditflow/observe/pipeline_metrics.hpp"
#include "auditflow/store/alert_store.hpp"

namespace auditflow::pipeline {

struct AlertIngestOptions {
  std::size_t max_batch = 256;
  Duration max_wait = std::chrono::milliseconds(100);
  /// Called for each alert that is new to the store, after it is durable, on the ingest's thread.
  std::function<void(const alert::Alert&)> on_stored;
};

/// Consumes alerts and stores them in batches, each alert once.
///
/// Acknowledges after the commit. A repeat of an `alert_id` is acknowledged as a duplicate; what is
/// malformed or what the store refuses for good goes to the dead-letter queue with the reason. A
/// store that is away is retried with full-jitter backoff, and shows in the health component
/// "alert_store"; a queue that is away shows in "alert_queue". A batch for which the store ran out
/// of time is tried again in smaller parts.
///
/// Thread safety: `Run` by one thread; the collaborators must outlive it. Several may share them.
class AlertIngest {
 public:
  AlertIngest(broker::Consumer& alerts, store::AlertStore& store,
              observe::NotificationMetrics& metrics, observe::HealthRegistry& health,
              const AlertIngestOptions& options = {}, Clock& clock = SystemClock());
  ~AlertIngest();

  /// Works until `stop`, then finishes the batch in hand.
  void Run(const std::stop_token& stop);
  /// One batch; what `Run` repeats. @return as `Analyzer::RunOnce`.
  Result<std::size_t> RunOnce(const std::stop_token& stop);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace auditflow::pipeline
