#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <stop_token>

#include "auditflow/alert/alert.hpp"
#include "auditflow/broker/broker.hpp"
#include "auditflow/core/clock.hpp"
#include "auditflow/core/random.hpp"
#include "auditflow/event/audit_event.hpp"
#include "auditflow/event/event.hpp"
#include "auditflow/observe/health.hpp"
#include "auditflow/observe/pipeline_metrics.hpp"
#include "auditflow/pipeline/detector.hpp"
#include "auditflow/store/event_store.hpp"

namespace auditflow::pipeline {

struct AnalyzerOptions {
  std::size_t max_batch = 256;                         ///< deliveries evaluated together
  Duration max_wait = std::chrono::milliseconds(100);  ///< for the first delivery of a batch
  Duration publish_timeout = std::chrono::seconds(10);
  event::ParseLimits limits = {};
  event::IdentityOptions identity = {};
  /// How many finished event ids are remembered, each with a hash of its event: to tell a
  /// redelivery from a new event, and from another event that hides behind the id of one, which is
  /// a dead letter.
  std::size_t remembered_events = 200'000;
  /// Whether what waits in windows for late events is evaluated when `Run` ends. False for windows
  /// that outlive the program: others go on with them.
  bool flush_at_end = true;
  /// Without `flush_at_end`: for how long at most `Run` goes on at its end, without taking events,
  /// until what waits for late ones is due.
  Duration linger_at_end{0};
  /// `Run` archives and acknowledges batches, and waits for the confirms of their alerts, while it
  /// evaluates the next ones: faster where brokers and stores take their time to answer. Batches
  /// are still finished in their order.
  bool finish_in_background = false;
  /// Keeps every event with the rules that matched, before it is acknowledged, and is told of
  /// correlations that an earlier event met before the batch that brought them out is; null: none.
  /// While it is away nothing is taken from the queue, which shows in the health component
  /// "archive". Must outlive the analyzer.
  store::EventStore* archive = nullptr;
};

/// Consumes audit events and publishes the alerts that they cause.
///
/// A batch is received, parsed, matched, correlated, its alerts are published and confirmed, it is
/// archived, and only then is it acknowledged: whatever fails before is delivered again, and makes
/// alerts with the same ids. A malformed message goes to the dead-letter queue with the reason and
/// nothing else is held up. A failure that can pass (broker, window store) is retried with
/// full-jitter backoff for as long as it lasts, and shows in the health component "analysis", or
/// "publishing" for alerts with `finish_in_background`.
///
/// Every delivery is counted once in the ledger: processed, duplicate or dead-lettered.
///
/// Thread safety: `Run` by one thread, `UseRules` by any; the rest is in its collaborators, which
/// must outlive it.
class Analyzer {
 public:
  Analyzer(broker::Consumer& events, broker::Publisher& alerts, std::unique_ptr<Detector> detector,
           observe::AnalysisMetrics& metrics, observe::HealthRegistry& health,
           const AnalyzerOptions& options = {}, Clock& clock = SystemClock());
  ~Analyzer();

  /// Has the next batch, and all after it, evaluated with these rules; see `Detector::Replace`. Of
  /// several sets handed in between two batches the last one counts. Returns at once.
  void UseRules(std::shared_ptr<const RulePackage> rules);

  /// Works until `stop`; then finishes the batch in hand and, with `flush_at_end`, evaluates what
  /// waits for late events.
  void Run(const std::stop_token& stop);

  /// One batch, from receiving to acknowledging; what `Run` repeats.
  /// @return how many deliveries it settled; the consumer's failure; kCancelled if `stop` ended a
  /// retry.
  Result<std::size_t> RunOnce(const std::stop_token& stop);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace auditflow::pipeline
