#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <limits>
#include <mutex>
#include <optional>
#include <stop_token>
#include <vector>

#include "auditflow/broker/pipelined_publisher.hpp"
#include "auditflow/core/clock.hpp"
#include "auditflow/observe/pipeline_metrics.hpp"

namespace auditflow::pipeline {

/// As many events per second as the broker takes.
inline constexpr double kUnlimitedRate = std::numeric_limits<double>::infinity();

struct EventFeedOptions {
  double rate = kUnlimitedRate;             ///< events per second; 0: none
  std::optional<Duration> duration = {};    ///< stop after this long
  std::optional<std::uint64_t> count = {};  ///< stop after this many
  /// Events that are published together. With a `PipelinedPublisher` the next batch is on its way
  /// while one waits for its confirms, so that a batch of two windows keeps the broker busy.
  std::size_t max_batch = 2048;
  Duration publish_timeout = std::chrono::seconds(10);
  /// How much time that was lost, by a broker that was away or slow, is made up for; nothing: all
  /// of it.
  std::optional<Duration> max_backlog = {};
  /// Also goes on, slowly, after a failure that needs a person.
  bool persistent = false;
};

/// Publishes events from a source at an even rate that can be changed while it runs.
///
/// A slow broker slows the feed down, it never makes it drop an event that was made: what was due
/// is published late. A failure that can pass is retried with full-jitter backoff. Thread safety:
/// `Run` by one thread, everything else by any.
class EventFeed {
 public:
  /// The next event; nothing at the end of the source. Called by one thread at a time.
  using Source = std::function<std::optional<broker::Message>()>;

  EventFeed(Source source, broker::Publisher& publisher, observe::GeneratorMetrics& metrics,
            const EventFeedOptions& options = {}, Clock& clock = SystemClock());
  /// Has two batches on their way at the same time, in order but for what is published again.
  EventFeed(Source source, broker::PipelinedPublisher& publisher,
            observe::GeneratorMetrics& metrics, const EventFeedOptions& options = {},
            Clock& clock = SystemClock());

  /// Works until `stop`, the end of the source, or a limit of the options.
  /// @return the failure that ended it early, if one did.
  Status Run(const std::stop_token& stop);

  /// From the next tenth of a second on, without making up for what is late by then; 0 pauses.
  /// @return kInvalidArgument for a negative rate and for what is no number.
  Status SetRate(double events_per_second);
  [[nodiscard]] double rate() const;
  /// Confirmed events per second over the last ten seconds, or since `Run` began.
  [[nodiscard]] double MeasuredRate() const;
  /// Confirmed so far.
  [[nodiscard]] std::uint64_t published() const { return published_; }

 private:
  /// Where the schedule begins: `count` events were due at `time`.
  struct Anchor {
    Duration time{0};
    double count = 0;
  };
  struct Sample {
    Duration time{0};
    std::uint64_t published = 0;
  };

  [[nodiscard]] double DueCount(Duration elapsed) const;
  void ForgetBacklog(Duration elapsed);
  [[nodiscard]] std::size_t Due(Duration elapsed);
  [[nodiscard]] Duration UntilDue(Duration elapsed) const;
  [[nodiscard]] bool AtLimit(Duration elapsed) const;
  Status RunLane(Duration start, const std::stop_token& stop);
  /// Waits until something is due. Empty at the end.
  std::vector<broker::Message> NextBatch(Duration start, const std::stop_token& stop);
  std::vector<broker::Message> TakeBatch(std::size_t size);
  Status Retry(const std::vector<broker::Message>& batch, Status status,
               const std::stop_token& stop);
  Status Publish(const std::vector<broker::Message>& batch, const std::function<void()>& queued);
  void Measure();

  Source source_;
  broker::Publisher& publisher_;
  broker::PipelinedPublisher* const pipelined_ = nullptr;
  observe::GeneratorMetrics& metrics_;
  const EventFeedOptions options_;
  Clock& clock_;
  std::atomic<std::uint64_t> published_ = 0;
  std::atomic<bool> failed_ = false;
  std::mutex turn_;            // of the lane that takes the next batch
  bool source_ended_ = false;  // by whose turn it is

  mutable std::mutex mutex_;  // of the rest
  std::optional<Duration> start_;
  std::uint64_t taken_ = 0;  ///< from the source, those that are being published included
  double rate_;
  Anchor anchor_;
  std::deque<Sample> samples_;
};

}  // namespace auditflow::pipeline
