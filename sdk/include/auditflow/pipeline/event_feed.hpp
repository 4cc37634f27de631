#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

#include "auditflow/broker/broker.hpp"
#include "auditflow/core/clock.hpp"
#include "auditflow/core/random.hpp"
#include "auditflow/observe/pipeline_metrics.hpp"

namespace auditflow::pipeline {

struct EventFeedOptions {
  double rate = 0;                     ///< events per second; 0: as fast as they are taken
  std::optional<Duration> duration;    ///< stop after this long
  std::optional<std::uint64_t> count;  ///< stop after this many
  std::size_t max_batch = 256;
  Duration publish_timeout = std::chrono::seconds(10);
};

/// Publishes events from a source at an even rate.
///
/// A slow broker slows the feed down, it never makes it drop an event: what was due is published
/// late. A failure that can pass is retried with full-jitter backoff. Thread safety: `Run` by one
/// thread.
class EventFeed {
 public:
  /// The next event; nothing at the end of the source.
  using Source = std::function<std::optional<broker::Message>()>;

  EventFeed(Source source, broker::Publisher& publisher, observe::GeneratorMetrics& metrics,
            const EventFeedOptions& options = {}, Clock& clock = SystemClock());

  /// Works until `stop`, the end of the source, or a limit of the options.
  /// @return the failure that ended it early, if one did.
  Status Run(const std::stop_token& stop);

  [[nodiscard]] std::uint64_t published() const { return published_; }

 private:
  [[nodiscard]] std::size_t Due(Duration elapsed) const;
  Status PublishBatch(std::size_t size, const std::stop_token& stop);
  std::vector<broker::Message> TakeBatch(std::size_t size);
  Status Publish(const std::vector<broker::Message>& batch);

  Source source_;
  broker::Publisher& publisher_;
  observe::GeneratorMetrics& metrics_;
  EventFeedOptions options_;
  Clock& clock_;
  std::unique_ptr<RandomSource> random_ = SystemRandom();
  std::uint64_t published_ = 0;
  bool source_ended_ = false;
};

}  // namespace auditflow::pipeline
