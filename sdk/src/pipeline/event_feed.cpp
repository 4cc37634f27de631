#include "auditflow/pipeline/event_feed.hpp"

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "auditflow/core/backoff.hpp"

namespace auditflow::pipeline {
namespace {

constexpr Duration kTick = std::chrono::milliseconds(20);

}  // namespace

EventFeed::EventFeed(Source source, broker::Publisher& publisher,
                     observe::GeneratorMetrics& metrics, const EventFeedOptions& options,
                     Clock& clock)
    : source_(std::move(source)),
      publisher_(publisher),
      metrics_(metrics),
      options_(options),
      clock_(clock) {}

Status EventFeed::Run(const std::stop_token& stop) {
  const Duration start = clock_.Monotonic();
  while (!stop.stop_requested() && !source_ended_) {
    const Duration elapsed = clock_.Monotonic() - start;
    const std::size_t due = Due(elapsed);
    if (due > 0) {
      if (Status status = PublishBatch(due, stop); !status.ok()) return status;
    } else if ((options_.count && published_ >= *options_.count) ||
               (options_.duration && elapsed >= *options_.duration)) {
      break;
    } else {
      clock_.SleepFor(kTick, stop);
    }
  }
  return {};
}

/// How many events to publish now. A limit in time is a limit in number too, so that a run with a
/// seed gives the same events whatever the machine is busy with.
std::size_t EventFeed::Due(Duration elapsed) const {
  std::uint64_t target = UINT64_MAX;
  if (options_.rate > 0) {
    if (options_.duration) elapsed = std::min(elapsed, *options_.duration);
    target =
        static_cast<std::uint64_t>(std::chrono::duration<double>(elapsed).count() * options_.rate);
  } else if (options_.duration && elapsed >= *options_.duration) {
    return 0;
  }
  if (options_.count) target = std::min(target, *options_.count);
  return static_cast<std::size_t>(
      std::min<std::uint64_t>(target - std::min(target, published_), options_.max_batch));
}

Status EventFeed::PublishBatch(std::size_t size, const std::stop_token& stop) {
  const std::vector<broker::Message> batch = TakeBatch(size);
  if (batch.empty()) return {};
  Backoff backoff({}, *random_);
  while (true) {
    const Status status = Publish(batch);
    if (status.ok()) return status;
    if (!status.retryable()) return status.WithContext("publishing events");
    if (!clock_.SleepFor(backoff.Next(), stop)) return Cancelled("stopped while publishing events");
  }
}

std::vector<broker::Message> EventFeed::TakeBatch(std::size_t size) {
  std::vector<broker::Message> batch;
  while (batch.size() < size && !source_ended_) {
    std::optional<broker::Message> message = source_();
    source_ended_ = !message.has_value();
    if (message) batch.push_back(std::move(*message));
  }
  return batch;
}

Status EventFeed::Publish(const std::vector<broker::Message>& batch) {
  const auto count = static_cast<double>(batch.size());
  const Duration begin = clock_.Monotonic();
  Status status = publisher_.Publish(batch, options_.publish_timeout);
  metrics_.rabbitmq_connection_status.Set(status.ok() ? 1 : 0);
  if (status.ok()) {
    metrics_.publish_seconds.Observe(clock_.Monotonic() - begin);
    metrics_.published_success.Increment(count);
    published_ += batch.size();
  } else {
    metrics_.published_failure.Increment(count);
  }
  return status;
}

}  // namespace auditflow::pipeline
