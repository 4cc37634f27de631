#include "auditflow/observe/pipeline_metrics.hpp"

#include <string>
#include <utility>

namespace auditflow::observe {
namespace {

constexpr std::size_t kMaxReasons = 32;

std::string Join(std::string_view prefix, std::string_view suffix) {
  return std::string(prefix).append(suffix);
}

CounterFamily& Outcomes(Metrics& metrics, std::string_view prefix, std::string_view noun) {
  return metrics.AddCounters(Join(prefix, "_total"),
                             "How each of the " + std::string(noun) + " ended.",
                             {.labels = {"outcome"}});
}

CounterFamily& ByLabel(Metrics& metrics, std::string_view name, std::string_view help,
                       std::string label) {
  return metrics.AddCounters(name, help, {.labels = {std::move(label)}});
}

std::vector<double> BatchBuckets() { return {1, 2, 5, 10, 20, 50, 100, 200, 500, 1000}; }

}  // namespace

Ledger::Ledger(Metrics& metrics, std::string_view prefix, std::string_view noun)
    : received(metrics.AddCounter(Join(prefix, "_received_total"),
                                  "How many " + std::string(noun) + " arrived.")),
      processed(Outcomes(metrics, prefix, noun).With({"processed"})),
      duplicate(Outcomes(metrics, prefix, noun).With({"duplicate"})),
      rejected_(Outcomes(metrics, prefix, noun).With({"rejected"})),
      dead_lettered_(Outcomes(metrics, prefix, noun).With({"dead_lettered"})),
      reasons_(metrics.AddCounters(Join(prefix, "_refused_total"),
                                   "Why " + std::string(noun) + " were not processed.",
                                   {.labels = {"outcome", "reason"},
                                    .max_label_sets = kMaxReasons,
                                    .collapse_first = {"reason"}})) {}

void Ledger::Rejected(std::string_view reason, double count) {
  rejected_.Increment(count);
  reasons_.With({"rejected", reason}).Increment(count);
}

void Ledger::DeadLettered(std::string_view reason, double count) {
  dead_lettered_.Increment(count);
  reasons_.With({"dead_lettered", reason}).Increment(count);
}

void Ledger::Received(std::size_t count) {
  std::size_t known = returned_;
  while (!returned_.compare_exchange_weak(known, known - std::min(known, count))) {
  }
  received.Increment(static_cast<double>(count - std::min(known, count)));
}

double Ledger::Settled() const {
  return processed.Value() + duplicate.Value() + rejected_.Value() + dead_lettered_.Value();
}

GeneratorMetrics::GeneratorMetrics(Metrics& metrics)
    : events(metrics.AddCounters("audit_event_generator_events_total", "Audit events made.",
                                 {.labels = {"event_type", "server_hostname", "action_result"},
                                  .collapse_first = {"event_type", "server_hostname"}})),
      published_success(metrics.AddCounter("audit_event_generator_published_success_total",
                                           "Audit events that the broker has confirmed.")),
      published_failure(metrics.AddCounter("audit_event_generator_published_failure_total",
                                           "Audit events that could not be published.")),
      rabbitmq_connection_status(
          metrics.AddGauge("audit_event_generator_rabbitmq_connection_status",
                           "1 while connected to RabbitMQ, else 0.")),
      publish_seconds(metrics.AddHistogram("auditflow_generator_publish_seconds",
                                           "One publish until it is confirmed.")) {}

CorrelationMetrics::CorrelationMetrics(Metrics& metrics)
    : updates_(ByLabel(metrics, "auditflow_correlation_updates_total",
                       "Events given to correlations, by outcome.", "outcome")),
      dropped_(ByLabel(metrics, "auditflow_correlation_dropped_total",
                       "Groups and events forgotten to stay within memory limits.", "what")),
      missing_(ByLabel(metrics, "auditflow_correlation_missing_total",
                       "Events without the field that a correlation needs.", "what")),
      groups_(metrics.AddGauge("auditflow_correlation_groups", "Groups with an open window.")),
      pending_(metrics.AddGauge("auditflow_correlation_pending_events",
                                "Events held until the watermark passes them.")) {}

void CorrelationMetrics::Update(const CorrelationNumbers& numbers) {
  const std::scoped_lock lock(mutex_);
  const auto raise = [](CounterFamily& family, std::string_view label, std::uint64_t total) {
    family.With({label}).RaiseTo(static_cast<double>(total));
  };
  raise(updates_, "applied", numbers.applied);
  raise(updates_, "duplicate", numbers.duplicates);
  raise(updates_, "late", numbers.late);
  raise(dropped_, "groups", numbers.dropped_groups);
  raise(dropped_, "events", numbers.dropped_events);
  raise(missing_, "group_field", numbers.missing_group_field);
  raise(missing_, "value", numbers.missing_value);
  groups_.Set(static_cast<double>(numbers.groups));
  pending_.Set(static_cast<double>(numbers.pending));
}

RuleMetrics::RuleMetrics(Metrics& metrics) {
  const auto add = [&](std::string_view name, std::string_view help, Value value) {
    return metrics.AddCounters(name, help, "rule_id", [this, value] { return Collect(value); });
  };
  matches_ =
      add("auditflow_rule_matches_total",
          "Events that a detection rule matched, and times that a correlation's condition "
          "was met.",
          [](const RuleNumbers& rule) { return std::optional(static_cast<double>(rule.matches)); });
  timed_events_ =
      add("auditflow_rule_timed_events_total", "Events on which a rule was measured by itself.",
          [](const RuleNumbers& rule) -> std::optional<double> {
            if (rule.timed_events == 0) return std::nullopt;
            return static_cast<double>(rule.timed_events);
          });
  timed_seconds_ = add("auditflow_rule_timed_seconds_total",
                       "Time that a rule took alone for the events on which it was measured.",
                       [](const RuleNumbers& rule) -> std::optional<double> {
                         if (rule.timed_events == 0) return std::nullopt;
                         return rule.timed_seconds;
                       });
}

std::shared_ptr<const RuleMetrics::Source> RuleMetrics::Add(Source source) {
  auto kept = std::make_shared<const Source>(std::move(source));
  const std::scoped_lock lock(mutex_);
  std::erase_if(sources_, [](const auto& other) { return other.expired(); });
  sources_.push_back(kept);
  return kept;
}

std::vector<LabelledCount> RuleMetrics::Collect(Value value) {
  std::vector<std::weak_ptr<const Source>> sources;
  {
    const std::scoped_lock lock(mutex_);
    sources = sources_;
  }
  std::vector<LabelledCount> counts;
  for (const auto& weak : sources) {
    const auto source = weak.lock();
    if (!source) continue;
    for (RuleNumbers& rule : (*source)()) {
      if (const auto number = value(rule)) counts.emplace_back(std::move(rule.rule_id), *number);
    }
  }
  return counts;
}

AnalysisMetrics::AnalysisMetrics(Metrics& metrics, const AnalysisMetricsOptions& options)
    : processed(metrics.AddCounter("audit_analysis_processed_total", "Audit events processed.")),
      messages_consumed(metrics.AddCounter("audit_analysis_rabbitmq_messages_consumed_total",
                                           "Messages taken from the event queue.")),
      rabbitmq_consumer_connection_status(
          metrics.AddGauge("audit_analysis_rabbitmq_consumer_connection_status",
                           "1 while the consumer is connected to RabbitMQ, else 0.")),
      redis_connection_status(metrics.AddGauge("audit_analysis_redis_connection_status",
                                               "1 while connected to Redis, else 0.")),
      events(metrics, "auditflow_events", "audit events"),
      rules(metrics),
      rules_loaded(metrics.AddGauge("auditflow_rules_loaded", "Rules in the active rule set.")),
      reload_success(
          ByLabel(metrics, "auditflow_rule_reloads_total", "Reloads of the rules.", "result")
              .With({"success"})),
      reload_failure(
          ByLabel(metrics, "auditflow_rule_reloads_total", "Reloads of the rules.", "result")
              .With({"failure"})),
      evaluate_seconds(metrics.AddHistogram("auditflow_evaluate_seconds",
                                            "Matching of one batch and the making of its alerts.")),
      correlate_seconds(
          metrics.AddHistogram("auditflow_correlate_seconds", "Window updates of one batch.")),
      publish_seconds(metrics.AddHistogram("auditflow_alert_publish_seconds",
                                           "The alerts of one batch until they are confirmed.")),
      event_to_alert_seconds(metrics.AddHistogram(
          "auditflow_event_to_alert_seconds",
          "From the triggering event's timestamp to the confirm of its alert.")),
      batch_size(metrics.AddHistogram("auditflow_analysis_batch_size", "Deliveries per batch.",
                                      BatchBuckets())),
      archive_seconds(metrics.AddHistogram("auditflow_archive_seconds",
                                           "The events of one batch until they are archived.")),
      archived(ByLabel(metrics, "auditflow_archived_events_total",
                       "Events given to the archive, by what became of them.", "outcome")),
      archived_rules(ByLabel(metrics, "auditflow_archived_rules_total",
                             "Correlations met by events of earlier batches, by what became of "
                             "them in the archive.",
                             "outcome")),
      code_failures(ByLabel(metrics, "auditflow_code_rule_failures_total",
                            "Exceptions thrown by rules as code.", "rule_id")),
      correlation(metrics),
      alerts_(
          metrics.AddCounters("audit_analysis_alerts_total", "Alerts generated.",
                              {.labels = {"alert_type", "severity", "user_id", "server_hostname"},
                               .max_label_sets = options.max_alert_label_sets,
                               .collapse_first = {"user_id", "server_hostname"}})),
      label_alerts_by_user_(options.label_alerts_by_user) {}

void AnalysisMetrics::CountAlert(std::string_view alert_type, std::string_view severity,
                                 std::string_view user_id, std::string_view server_hostname) {
  if (!label_alerts_by_user_) user_id = {};
  alerts_.With({alert_type, severity, user_id, server_hostname}).Increment();
}

NotificationMetrics::NotificationMetrics(Metrics& metrics)
    : alerts(metrics, "auditflow_alerts", "alerts"),
      store_batch_seconds(
          metrics.AddHistogram("auditflow_store_batch_seconds", "Storing one batch of alerts.")),
      store_batch_size(metrics.AddHistogram("auditflow_store_batch_size", "Alerts in one insert.",
                                            BatchBuckets())),
      alert_to_stored_seconds(metrics.AddHistogram("auditflow_alert_to_stored_seconds",
                                                   "From the alert's timestamp to its commit.")),
      rabbitmq_connection_status(
          metrics.AddGauge("auditflow_notification_rabbitmq_connection_status",
                           "1 while connected to RabbitMQ, else 0.")),
      postgresql_connection_status(
          metrics.AddGauge("auditflow_notification_postgresql_connection_status",
                           "1 while connected to PostgreSQL, else 0.")) {}

GeneratorMetrics& PipelineMetrics::generator() {
  const std::scoped_lock lock(mutex_);
  if (!generator_) generator_ = std::make_unique<GeneratorMetrics>(metrics_);
  return *generator_;
}

AnalysisMetrics& PipelineMetrics::analysis() {
  const std::scoped_lock lock(mutex_);
  if (!analysis_) analysis_ = std::make_unique<AnalysisMetrics>(metrics_, analysis_options_);
  return *analysis_;
}

NotificationMetrics& PipelineMetrics::notification() {
  const std::scoped_lock lock(mutex_);
  if (!notification_) notification_ = std::make_unique<NotificationMetrics>(metrics_);
  return *notification_;
}

}  // namespace auditflow::observe
