#include "auditflow/pipeline/alert_ingest.hpp"

#include <algorithm>
#include <iterator>
#include <span>
#include <utility>
#include <vector>

#include "auditflow/observe/logging.hpp"

#include "src/pipeline/retry.hpp"

namespace auditflow::pipeline {
namespace {

constexpr std::string_view kComponent = "alert_store";
constexpr std::string_view kQueueComponent = "alert_queue";

}  // namespace

struct AlertIngest::Impl {
  Impl(broker::Consumer& consumer, store::AlertStore& alert_store,
       observe::NotificationMetrics& notification_metrics, observe::HealthRegistry& health_registry,
       const AlertIngestOptions& ingest_options, Clock& ingest_clock)
      : deliveries_in(consumer),
        store(alert_store),
        metrics(notification_metrics),
        health(health_registry),
        options(ingest_options),
        clock(ingest_clock),
        queue_retrier(kQueueComponent, health, clock),
        store_retrier(kComponent, health, clock) {}

  Result<std::size_t> RunOnce(const std::stop_token& stop) {
    Result<std::vector<broker::Delivery>> deliveries =
        deliveries_in.Receive(options.max_batch, options.max_wait);
    if (!deliveries) {
      AskStore();
      return Error(deliveries.error());
    }
    queue_retrier.Succeeded();
    if (deliveries->empty()) {
      AskStore();
      return std::size_t{0};
    }
    metrics.alerts.Received(deliveries->size());
    Parse(*deliveries);
    Result<std::vector<store::InsertResult>> results = Insert(stop);
    if (!results) return Error(results.error());
    Settle(*results);
    return deliveries->size();
  }

  /// Without alerts nothing else would tell that the store works.
  void AskStore() {
    if (health.IsUp(kComponent)) return;
    const Status status = store.Ping();
    if (status.ok()) {
      store_retrier.Succeeded();
    } else {
      health.Set(kComponent, false, status.message());
    }
  }

  void Parse(const std::vector<broker::Delivery>& deliveries) {
    alerts.clear();
    tags.clear();
    for (const broker::Delivery& delivery : deliveries) {
      Result<alert::Alert> alert = alert::FromJson(delivery.message.body);
      if (!alert) {
        Refuse(delivery.tag, "malformed", alert.error().message());
        continue;
      }
      alerts.push_back(std::move(*alert));
      tags.push_back(delivery.tag);
    }
  }

  void Refuse(std::uint64_t tag, std::string_view reason, std::string_view detail) {
    if (const Status status = deliveries_in.DeadLetter(tag, detail); !status.ok()) {
      metrics.alerts.Returned();  // it will be delivered again
      observe::log::Warning(kQueueComponent, "not dead-lettered: " + status.message());
      return;
    }
    metrics.alerts.DeadLettered(reason);
    observe::log::Warning(kComponent, "alert refused", {{"reason", detail}});
  }

  Result<std::vector<store::InsertResult>> Insert(const std::stop_token& stop) {
    std::vector<store::InsertResult> results;
    if (alerts.empty()) return results;
    const Duration begin = clock.Monotonic();
    part = alerts.size();
    const Status status = store_retrier.Run([&] { return InsertRest(results); }, stop);
    if (!status.ok()) return Error(status);
    metrics.store_batch_seconds.Observe(clock.Monotonic() - begin);
    return results;
  }

  /// What `results` does not hold yet, in parts.
  Status InsertRest(std::vector<store::InsertResult>& results) {
    while (results.size() < alerts.size()) {
      const auto rest = std::span<const alert::Alert>(alerts).subspan(results.size());
      const auto next = rest.first(std::min(rest.size(), part));
      Result<std::vector<store::InsertResult>> inserted = store.Insert(next);
      if (!inserted) {
        const bool too_slow = inserted.error().code() == StatusCode::kDeadlineExceeded;
        if (too_slow) part = std::max<std::size_t>(next.size() / 2, 1);
        return inserted.error();
      }
      metrics.store_batch_size.Observe(static_cast<double>(next.size()));
      std::move(inserted->begin(), inserted->end(), std::back_inserter(results));
    }
    return {};
  }

  void Settle(const std::vector<store::InsertResult>& results) {
    std::vector<std::uint64_t> done;
    double stored = 0;
    double duplicate = 0;
    for (std::size_t i = 0; i < results.size(); ++i) {
      if (results[i].outcome == store::InsertOutcome::kRejected) {
        Refuse(tags[i], "rejected_by_store", results[i].reason);
        continue;
      }
      const bool is_new = results[i].outcome == store::InsertOutcome::kInserted;
      (is_new ? stored : duplicate) += 1;
      done.push_back(tags[i]);
      if (is_new) Announce(alerts[i]);
    }
    const Status status = deliveries_in.Ack(done);
    if (!status.ok()) observe::log::Warning(kComponent, status.message());
    metrics.alerts.processed.Increment(stored);
    metrics.alerts.duplicate.Increment(duplicate);
  }

  void Announce(const alert::Alert& alert) const {
    metrics.alert_to_stored_seconds.Observe(clock.Now() - alert.timestamp);
    if (options.on_stored) options.on_stored(alert);
  }

  broker::Consumer& deliveries_in;
  store::AlertStore& store;
  observe::NotificationMetrics& metrics;
  observe::HealthRegistry& health;
  AlertIngestOptions options;
  Clock& clock;
  Retrier queue_retrier;
  Retrier store_retrier;
  // The batch at hand.
  std::vector<alert::Alert> alerts;
  std::vector<std::uint64_t> tags;
  std::size_t part = 0;  ///< how many of them at a time
};

AlertIngest::AlertIngest(broker::Consumer& alerts, store::AlertStore& store,
                         observe::NotificationMetrics& metrics, observe::HealthRegistry& health,
                         const AlertIngestOptions& options, Clock& clock)
    : impl_(std::make_unique<Impl>(alerts, store, metrics, health, options, clock)) {}
AlertIngest::~AlertIngest() = default;

Result<std::size_t> AlertIngest::RunOnce(const std::stop_token& stop) {
  return impl_->RunOnce(stop);
}

void AlertIngest::Run(const std::stop_token& stop) {
  impl_->queue_retrier.Loop([this](const std::stop_token& s) { return RunOnce(s); }, stop);
}

}  // namespace auditflow::pipeline
