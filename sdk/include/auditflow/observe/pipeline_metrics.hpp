#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auditflow/observe/metrics.hpp"

namespace auditflow::observe {

/// The ledger of one input: `received` equals the sum of the four outcomes once nothing is in
/// flight.
///
/// `<prefix>_received_total` and `<prefix>_total{outcome="processed|duplicate|rejected|
/// dead_lettered"}`, `<prefix>_refused_total{outcome="rejected|dead_lettered",reason}`.
/// Thread safety: thread-safe.
class Ledger {
 public:
  /// `noun` is what is counted, for the help texts: "audit events".
  Ledger(Metrics& metrics, std::string_view prefix, std::string_view noun);

  Counter& received;
  Counter& processed;
  Counter& duplicate;

  /// So many have come in.
  void Received(std::size_t count);
  /// So many of these were not settled and went back: they will come again, to this process or to
  /// another, and so many of the next are not counted once more.
  void Returned(std::size_t count = 1) { returned_ += count; }

  /// `reason`: a short word from the program, e.g. "malformed_json"; at most 32 distinct ones are
  /// kept, the rest is "other". Never put input in it.
  void Rejected(std::string_view reason, double count = 1);
  void DeadLettered(std::string_view reason, double count = 1);

  /// processed + duplicate + rejected + dead-lettered.
  [[nodiscard]] double Settled() const;

 private:
  Counter& rejected_;
  Counter& dead_lettered_;
  CounterFamily& reasons_;
  std::atomic<std::size_t> returned_ = 0;
};

/// What the event generator counts: `audit_event_generator_*`.
struct GeneratorMetrics {
  explicit GeneratorMetrics(Metrics& metrics);

  CounterFamily& events;  ///< event_type, server_hostname, action_result
  Counter& published_success;
  Counter& published_failure;
  Gauge& rabbitmq_connection_status;  ///< 0 or 1
  Histogram& publish_seconds;         ///< one publish until it is confirmed
};

/// What a correlation engine reports as running totals and levels.
struct CorrelationNumbers {
  std::uint64_t applied = 0;
  std::uint64_t duplicates = 0;
  std::uint64_t late = 0;
  std::uint64_t dropped_groups = 0;
  std::uint64_t dropped_events = 0;
  std::uint64_t missing_group_field = 0;
  std::uint64_t missing_value = 0;
  std::uint64_t groups = 0;   ///< level
  std::uint64_t pending = 0;  ///< level
};

/// `auditflow_correlation_*`. Thread safety: thread-safe.
class CorrelationMetrics {
 public:
  explicit CorrelationMetrics(Metrics& metrics);
  /// Takes over the totals; one that is behind what was shown before (a new engine) adds nothing.
  void Update(const CorrelationNumbers& numbers);

 private:
  std::mutex mutex_;
  CounterFamily& updates_;  // outcome
  CounterFamily& dropped_;  // what
  CounterFamily& missing_;  // what
  Gauge& groups_;
  Gauge& pending_;
};

/// What one rule did.
struct RuleNumbers {
  std::string rule_id;
  std::uint64_t matches = 0;
  std::uint64_t timed_events = 0;  ///< on which it was measured
  double timed_seconds = 0;        ///< that it took for these
};

/// `auditflow_rule_matches_total{rule_id}`: one series for each rule in use, none for one that is
/// gone. `auditflow_rule_timed_seconds_total` and `…_timed_events_total`: of the rules that were
/// measured so far; their quotient is what the rule alone takes for an event. The numbers are asked
/// for when they are rendered, so that counting costs nothing more.
///
/// Thread safety: thread-safe. `metrics` must outlive it.
class RuleMetrics {
 public:
  /// Called by the thread that renders.
  using Source = std::function<std::vector<RuleNumbers>()>;

  explicit RuleMetrics(Metrics& metrics);

  /// Adds the numbers of another source, for as long as what it returns is kept. Those of several
  /// sources for one rule are summed.
  [[nodiscard]] std::shared_ptr<const Source> Add(Source source);

 private:
  /// `value(RuleNumbers)` of every rule; nothing leaves the rule out.
  using Value = std::optional<double> (*)(const RuleNumbers&);
  [[nodiscard]] std::vector<LabelledCount> Collect(Value value);

  std::mutex mutex_;
  std::vector<std::weak_ptr<const Source>> sources_;
  MetricCallback matches_;
  MetricCallback timed_events_;
  MetricCallback timed_seconds_;
};

struct AnalysisMetricsOptions {
  /// False: `user_id` in `audit_analysis_alerts_total` is always empty.
  bool label_alerts_by_user = true;
  std::size_t max_alert_label_sets = 500;
};

/// What the analysis counts: `audit_analysis_*` and ours beside it.
class AnalysisMetrics {
 public:
  AnalysisMetrics(Metrics& metrics, const AnalysisMetricsOptions& options);

  Counter& processed;                          ///< audit_analysis_processed_total
  Counter& messages_consumed;                  ///< …_rabbitmq_messages_consumed_total
  Gauge& rabbitmq_consumer_connection_status;  ///< 0 or 1
  Gauge& redis_connection_status;              ///< 0 or 1
  Ledger events;                               ///< auditflow_events_*

  RuleMetrics rules;                 ///< by rule
  Gauge& rules_loaded;               ///< in the active rule set
  Counter& reload_success;           ///< auditflow_rule_reloads_total{result="success"}
  Counter& reload_failure;           ///< …{result="failure"}
  Histogram& evaluate_seconds;       ///< matching and alerts, per batch
  Histogram& correlate_seconds;      ///< window updates, per batch
  Histogram& publish_seconds;        ///< the alerts of a batch until they are confirmed
  Histogram& event_to_alert_seconds; /**< from the triggering event's timestamp to its alert's
                                        confirm */
  Histogram& batch_size;             ///< deliveries per batch
  Histogram& archive_seconds;        ///< the events of a batch until they are archived
  CounterFamily& archived;           ///< auditflow_archived_events_total{outcome}
  CounterFamily& archived_rules;     ///< auditflow_archived_rules_total{outcome}
  CounterFamily& code_failures;      ///< auditflow_code_rule_failures_total{rule_id}
  CorrelationMetrics correlation;

  /// audit_analysis_alerts_total; the user and host labels are capped together.
  void CountAlert(std::string_view alert_type, std::string_view severity, std::string_view user_id,
                  std::string_view server_hostname);

 private:
  CounterFamily& alerts_;
  bool label_alerts_by_user_;
};

/// What the notification side counts: `auditflow_alerts_*`.
struct NotificationMetrics {
  explicit NotificationMetrics(Metrics& metrics);

  /// auditflow_alerts_*: received from the queue; processed means stored.
  Ledger alerts;
  Histogram& store_batch_seconds;
  Histogram& store_batch_size;          ///< alerts per insert
  Histogram& alert_to_stored_seconds;   ///< from the alert's timestamp to the commit
  Gauge& rabbitmq_connection_status;    ///< 0 or 1
  Gauge& postgresql_connection_status;  ///< 0 or 1
};

/// All of the above over one `Metrics`; each group is registered when it is first asked for, so
/// that a service exposes only its own.
///
/// Thread safety: thread-safe. `metrics` must outlive it. References stay valid.
class PipelineMetrics {
 public:
  explicit PipelineMetrics(Metrics& metrics, const AnalysisMetricsOptions& analysis = {})
      : metrics_(metrics), analysis_options_(analysis) {}

  GeneratorMetrics& generator();
  AnalysisMetrics& analysis();
  NotificationMetrics& notification();

 private:
  Metrics& metrics_;
  AnalysisMetricsOptions analysis_options_;
  std::mutex mutex_;
  std::unique_ptr<GeneratorMetrics> generator_;
  std::unique_ptr<AnalysisMetrics> analysis_;
  std::unique_ptr<NotificationMetrics> notification_;
};

}  // namespace auditflow::observe
