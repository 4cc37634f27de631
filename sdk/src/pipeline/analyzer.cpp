#include "auditflow/pipeline/analyzer.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "auditflow/observe/logging.hpp"

#include "src/pipeline/batch_finisher.hpp"
#include "src/pipeline/event_intake.hpp"
#include "src/pipeline/later_rules.hpp"
#include "src/pipeline/retry.hpp"

namespace auditflow::pipeline {
namespace {

constexpr std::string_view kComponent = "analysis";
constexpr std::string_view kArchive = "archive";
constexpr std::string_view kPublishing = "publishing";
constexpr Duration kReleaseInterval = std::chrono::milliseconds(100);
constexpr Duration kLongestUnsettled = std::chrono::seconds(2);
constexpr Duration kLingerStep = std::chrono::milliseconds(50);

std::vector<broker::Message> ToMessages(const std::vector<DetectedAlert>& alerts) {
  std::vector<broker::Message> messages;
  messages.reserve(alerts.size());
  for (const DetectedAlert& detected : alerts) {
    broker::Message message;
    message.body = alert::ToJson(detected.alert);
    message.message_id = detected.alert.alert_id.ToString();
    messages.push_back(std::move(message));
  }
  return messages;
}

observe::CorrelationNumbers NumbersOf(const correlate::CorrelatorStatistics& statistics) {
  observe::CorrelationNumbers numbers;
  numbers.applied = statistics.windows.applied;
  numbers.duplicates = statistics.windows.duplicates;
  numbers.late = statistics.windows.late;
  numbers.dropped_groups = statistics.windows.dropped_groups;
  numbers.dropped_events = statistics.windows.dropped_events;
  numbers.missing_group_field = statistics.missing_group_field;
  numbers.missing_value = statistics.missing_value;
  numbers.groups = statistics.windows.groups;
  numbers.pending = statistics.windows.pending;
  return numbers;
}

}  // namespace

struct Analyzer::Impl {
  Impl(broker::Consumer& consumer, broker::Publisher& publisher, std::unique_ptr<Detector> detect,
       observe::AnalysisMetrics& analysis_metrics, observe::HealthRegistry& health_registry,
       const AnalyzerOptions& analyzer_options, Clock& analyzer_clock)
      : events(consumer),
        alerts_out(publisher),
        detector(std::move(detect)),
        metrics(analysis_metrics),
        health(health_registry),
        options(analyzer_options),
        clock(analyzer_clock),
        intake(consumer, metrics.events, options),
        retrier(kComponent, health, clock),
        last_settled(clock.Monotonic()),
        later_rules(options.archive, metrics) {
    if (options.archive != nullptr) archive_retrier.emplace(kArchive, health, clock);
    if (options.finish_in_background) publish_retrier.emplace(kPublishing, health, clock);
    // Up until alerts say otherwise: there may be none for long.
    if (publish_retrier) publish_retrier->Succeeded();
    metrics.rules_loaded.Set(static_cast<double>(detector->rules().rule_count()));
    rule_numbers =
        metrics.rules.Add([activity = detector->activity()] { return activity->Numbers(); });
  }

  Result<std::size_t> RunOnce(const std::stop_token& stop) {
    if (Status status = PublishOwed(stop); !status.ok()) return Error(status);
    Result<std::vector<broker::Delivery>> deliveries =
        events.Receive(options.max_batch, options.max_wait);
    if (!deliveries || deliveries->empty()) AskArchive();
    if (!deliveries) return Error(deliveries.error());
    retrier.Succeeded();
    SwapRules();
    if (deliveries->empty()) return ReleaseDue(stop);
    Count(deliveries->size());
    intake.Take(*deliveries);
    if (Status status = Evaluate(stop); !status.ok()) return Error(status);
    if (Status status = HandOn(stop); !status.ok()) return Error(status);
    // Groups that have fallen silent wait for the clock also while others are busy.
    if (clock.Monotonic() - last_release >= kReleaseInterval) {
      if (Result<std::size_t> due = ReleaseDue(stop); !due) return due;
    }
    return deliveries->size();
  }

  /// Without events nothing else would tell that the archive works.
  void AskArchive() {
    if (options.archive == nullptr || health.IsUp(kArchive)) return;
    const Status status = options.archive->Ping();
    health.Set(kArchive, status.ok(), status.message());
  }

  /// Only here, between two batches, so that each batch is evaluated by one set of rules however
  /// often that takes.
  void SwapRules() {
    const std::shared_ptr<const RulePackage> next = TakeNextRules();
    if (next == nullptr) return;
    // What is not published yet refers to the rules in use. If it never will be, this ends, too.
    if (!WaitForFinisher().ok()) return;
    const Status replaced = detector->Replace(next);
    if (replaced.ok()) {
      metrics.rules_loaded.Set(static_cast<double>(next->rule_count()));
    } else if (replaced.retryable()) {
      const std::scoped_lock lock(next_rules_mutex);
      if (next_rules == nullptr) next_rules = next;
    } else {
      observe::log::Error(kComponent, "rules not replaced: " + replaced.message());
    }
  }

  std::shared_ptr<const RulePackage> TakeNextRules() {
    const std::scoped_lock lock(next_rules_mutex);
    return std::exchange(next_rules, nullptr);
  }

  void Count(std::size_t deliveries) {
    const auto count = static_cast<double>(deliveries);
    metrics.messages_consumed.Increment(count);
    metrics.events.Received(deliveries);
    metrics.batch_size.Observe(count);
  }

  Status Evaluate(const std::stop_token& stop) {
    const Duration begin = clock.Monotonic();
    const Duration correlated_before = detector->correlating();
    Status detected = retrier.Run(
        [&] {
          Result<std::vector<DetectedAlert>> result =
              detector->Detect(intake.inputs(), later_rules.notes());
          if (!result) return result.error();
          evaluated.alerts = std::move(*result);
          evaluated.later_rules = later_rules.Take();
          return Status();
        },
        stop);
    if (!detected.ok()) return detected;
    const Duration correlating = detector->correlating() - correlated_before;
    metrics.evaluate_seconds.Observe(clock.Monotonic() - begin - correlating);
    metrics.correlate_seconds.Observe(correlating);
    metrics.correlation.Update(NumbersOf(detector->Statistics()));
    for (const auto& [rule_id, failures] : detector->CodeFailureCounts()) {
      metrics.code_failures.With({rule_id}).RaiseTo(static_cast<double>(failures));
    }
    return {};
  }

  /// The batch that was evaluated goes on, here or in the background. Its events count as finished
  /// from then on: batches are finished in their order, so no duplicate is acknowledged before.
  Status HandOn(const std::stop_token& stop) {
    evaluated.tags = intake.tags();
    evaluated.duplicates = intake.duplicates();
    evaluated.events = BatchForArchive();
    EvaluatedBatch batch = std::exchange(evaluated, {});
    if (finisher != nullptr) {
      StartPublishing(batch);
      if (Status status = finisher->Take(std::move(batch)); !status.ok()) return status;
    } else {
      if (Status status = FinishBatches({&batch, 1}, retrier, stop); !status.ok()) return status;
      detector->Settle();
    }
    intake.Remember();
    return {};
  }

  /// Its alerts are on their way while those of earlier batches still wait for their confirms.
  void StartPublishing(EvaluatedBatch& batch) {
    if (batch.alerts.empty()) return;
    batch.published_since = clock.Monotonic();
    batch.publishing = alerts_out.Start(ToMessages(batch.alerts), options.publish_timeout);
  }

  Status FinishBatches(std::span<EvaluatedBatch> batches, Retrier& publishing,
                       const std::stop_token& stop) {
    std::vector<store::ArchivedEvent> for_archive;
    std::vector<store::LaterRule> rules;
    for (EvaluatedBatch& batch : batches) {
      if (Status status = Publish(batch, publishing, stop); !status.ok()) return status;
      std::ranges::move(batch.events, std::back_inserter(for_archive));
      std::ranges::move(batch.later_rules, std::back_inserter(rules));
    }
    if (Status status = Archive(for_archive, stop); !status.ok()) return status;
    if (Status status = ArchiveRules(rules, stop); !status.ok()) return status;
    for (const EvaluatedBatch& batch : batches) Acknowledge(batch);
    return {};
  }

  /// Once nothing is in the background, all that was evaluated is reported.
  Status SettleAll() {
    if (finisher == nullptr) return {};
    if (Status status = WaitForFinisher(); !status.ok()) return status;
    detector->Settle();
    return {};
  }

  Status WaitForFinisher() { return finisher == nullptr ? Status() : finisher->WaitUntilIdle(); }

  /// As `SettleAll`, but waits only if there was no idle moment for long: under load there may be
  /// none, and the lease of what a window store has handed out ends.
  Status SettleNowAndThen() {
    if (finisher == nullptr) return {};
    const Duration now = clock.Monotonic();
    if (!finisher->idle() && now - last_settled < kLongestUnsettled) return {};
    last_settled = now;
    return SettleAll();
  }

  /// What fired without an event: no redelivery would bring it again. Reported after all that was
  /// evaluated before.
  Status PublishOwed(const std::stop_token& stop) {
    if (owed.empty() && owed_rules.empty()) return {};
    if (Status status = WaitForFinisher(); !status.ok()) return status;
    EvaluatedBatch batch;
    batch.alerts = std::exchange(owed, {});
    if (Status status = Publish(batch, retrier, stop); !status.ok()) {
      owed = std::move(batch.alerts);
      return status;
    }
    if (Status status = ArchiveRules(owed_rules, stop); !status.ok()) return status;
    owed_rules.clear();
    detector->Settle();
    return {};
  }

  Status Publish(EvaluatedBatch& batch, Retrier& publishing, const std::stop_token& stop) {
    if (batch.alerts.empty()) return {};
    Status published = publishing.Run(
        [&] {
          if (batch.publishing == nullptr) StartPublishing(batch);
          return std::exchange(batch.publishing, nullptr)->Wait();
        },
        stop);
    if (!published.ok()) return published;
    metrics.publish_seconds.Observe(clock.Monotonic() - batch.published_since);
    for (const DetectedAlert& detected : batch.alerts) CountAlert(detected);
    return {};
  }

  Status Archive(const std::vector<store::ArchivedEvent>& batch, const std::stop_token& stop) {
    if (batch.empty()) return {};
    const Duration begin = clock.Monotonic();
    std::vector<store::InsertResult> results;
    Status status = archive_retrier->Run(
        [&] {
          Result<std::vector<store::InsertResult>> inserted = options.archive->Insert(batch);
          if (!inserted) return inserted.error();
          results = std::move(*inserted);
          return Status();
        },
        stop);
    if (!status.ok()) return status;
    metrics.archive_seconds.Observe(clock.Monotonic() - begin);
    CountArchived(results);
    return {};
  }

  Status ArchiveRules(const std::vector<store::LaterRule>& rules, const std::stop_token& stop) {
    if (rules.empty()) return {};
    return archive_retrier->Run([&] { return later_rules.Archive(rules); }, stop);
  }

  std::vector<store::ArchivedEvent> BatchForArchive() {
    std::vector<store::ArchivedEvent> batch;
    if (options.archive == nullptr) return batch;
    const Timestamp received_at = clock.Now();
    const std::vector<DetectorInput>& inputs = intake.inputs();
    batch.reserve(inputs.size());
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      const auto& rules = later_rules.notes()->of_events[i];
      batch.push_back(store::MakeArchivedEvent(*inputs[i].event, inputs[i].identity, received_at,
                                               {rules.begin(), rules.end()}));
    }
    return batch;
  }

  void CountArchived(const std::vector<store::InsertResult>& results) {
    for (const store::InsertResult& result : results) {
      if (result.outcome == store::InsertOutcome::kRejected) {
        metrics.archived.With({"rejected"}).Increment();
        observe::log::Warning(kArchive, "event not archived", {{"reason", result.reason}});
      } else {
        const bool is_new = result.outcome == store::InsertOutcome::kInserted;
        metrics.archived.With({is_new ? "inserted" : "duplicate"}).Increment();
      }
    }
  }

  void CountAlert(const DetectedAlert& detected) {
    metrics.event_to_alert_seconds.Observe(
        std::max(clock.Now() - detected.event_time, Duration::zero()));
    const alert::Alert& alert = detected.alert;
    const std::string& type = detected.rule->metric_type;
    metrics.CountAlert(type.empty() ? alert.alert_type : type, alert.severity,
                       alert.triggered_by.actor_id, alert.impacted_resource.server_hostname);
  }

  void Acknowledge(const EvaluatedBatch& batch) {
    // A lost acknowledgement means a redelivery, and that is told from a new event by its id.
    const Status status = events.Ack(batch.tags);
    if (!status.ok()) observe::log::Warning(kComponent, status.message());
    const auto processed = static_cast<double>(batch.tags.size() - batch.duplicates);
    metrics.processed.Increment(processed);
    metrics.events.processed.Increment(processed);
    metrics.events.duplicate.Increment(static_cast<double>(batch.duplicates));
  }

  /// Goes on beside what is finished in the background, but for what was released itself: no event
  /// will bring that again, so it is reported before anything else happens.
  Result<std::size_t> ReleaseDue(const std::stop_token& stop) {
    last_release = clock.Monotonic();
    if (Status status = SettleNowAndThen(); !status.ok()) return Error(status);
    Result<std::vector<DetectedAlert>> due = detector->Release(clock.Now(), later_rules.notes());
    if (!due) return Error(due.error());
    metrics.correlation.Update(NumbersOf(detector->Statistics()));
    owed = std::move(*due);
    owed_rules = later_rules.Take();
    if (Status status = PublishOwed(stop); !status.ok()) return Error(status);
    return std::size_t{0};
  }

  /// Windows that others go on with: what waits in them is reported by this process if it becomes
  /// due soon, for there may be no other.
  void Linger() {
    if (options.linger_at_end <= Duration::zero()) return;
    const Duration end = clock.Monotonic() + options.linger_at_end;
    while (PublishLast(detector->Release(clock.Now(), later_rules.notes())) &&
           clock.Monotonic() < end && detector->Statistics().windows.pending > 0) {
      clock.SleepFor(kLingerStep, {});
    }
  }

  /// One attempt, for nobody has time for more.
  bool PublishLast(Result<std::vector<DetectedAlert>> last) {
    if (!last) {
      observe::log::Error(kComponent,
                          "windows not evaluated at the end: " + last.error().message());
      return false;
    }
    std::move(last->begin(), last->end(), std::back_inserter(owed));
    std::ranges::move(later_rules.Take(), std::back_inserter(owed_rules));
    if (owed_rules.empty() || later_rules.Archive(owed_rules).ok()) owed_rules.clear();
    if (owed.empty()) return owed_rules.empty();
    const Status status = alerts_out.Publish(ToMessages(owed), options.publish_timeout);
    if (!status.ok()) {
      observe::log::Error(kComponent, "alerts not published at the end: " + status.message(),
                          {{"alerts", owed.size()}});
      return false;
    }
    for (const DetectedAlert& detected : owed) CountAlert(detected);
    owed.clear();
    if (owed_rules.empty()) detector->Settle();
    return owed_rules.empty();
  }

  void Run(const std::stop_token& stop) {
    if (options.finish_in_background) {
      finisher = std::make_unique<BatchFinisher>(
          [this](std::span<EvaluatedBatch> batches, const std::stop_token& finish_stop) {
            return FinishBatches(batches, *publish_retrier, finish_stop);
          },
          stop);
    }
    retrier.Loop([this](const std::stop_token& s) { return RunOnce(s); }, stop);
    static_cast<void>(SettleAll());
    finisher.reset();
    Finish();
  }

  void Finish() {
    Linger();
    PublishLast(options.flush_at_end ? detector->Flush(later_rules.notes())
                                     : std::vector<DetectedAlert>());
  }

  broker::Consumer& events;
  broker::Publisher& alerts_out;
  std::unique_ptr<Detector> detector;
  observe::AnalysisMetrics& metrics;
  observe::HealthRegistry& health;
  AnalyzerOptions options;
  Clock& clock;
  EventIntake intake;
  Retrier retrier;
  std::optional<Retrier> archive_retrier;
  std::optional<Retrier> publish_retrier;                            // of the finisher's thread
  std::shared_ptr<const observe::RuleMetrics::Source> rule_numbers;  // shown as long as it lives
  Duration last_release{0};
  Duration last_settled;
  std::mutex next_rules_mutex;
  std::shared_ptr<const RulePackage> next_rules;  // null: nothing new
  std::vector<DetectedAlert> owed;                // released and not yet published
  std::vector<store::LaterRule> owed_rules;       // likewise not yet archived
  LaterRules later_rules;
  EvaluatedBatch evaluated;
  std::unique_ptr<BatchFinisher> finisher;  // last: its thread uses the rest
};

Analyzer::Analyzer(broker::Consumer& events, broker::Publisher& alerts,
                   std::unique_ptr<Detector> detector, observe::AnalysisMetrics& metrics,
                   observe::HealthRegistry& health, const AnalyzerOptions& options, Clock& clock)
    : impl_(std::make_unique<Impl>(events, alerts, std::move(detector), metrics, health, options,
                                   clock)) {}
Analyzer::~Analyzer() = default;

void Analyzer::UseRules(std::shared_ptr<const RulePackage> rules) {
  const std::scoped_lock lock(impl_->next_rules_mutex);
  impl_->next_rules = std::move(rules);
}

Result<std::size_t> Analyzer::RunOnce(const std::stop_token& stop) { return impl_->RunOnce(stop); }

void Analyzer::Run(const std::stop_token& stop) { impl_->Run(stop); }

}  // namespace auditflow::pipeline
