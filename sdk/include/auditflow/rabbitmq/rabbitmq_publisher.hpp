#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "auditflow/broker/pipelined_publisher.hpp"
#include "auditflow/core/clock.hpp"
#include "auditflow/rabbitmq/connection_health.hpp"
#include "auditflow/rabbitmq/options.hpp"

namespace auditflow::rabbitmq {

/// Publishes to one queue over a connection of its own and waits for the broker's confirms.
///
/// Messages are persistent and mandatory: one that no queue takes is an error, after the queue was
/// declared once more if that is allowed. The connection is made in the background, and made again
/// for ever after a loss; what is unconfirmed then is sent again under the same message id while a
/// `Publish` or a `PendingPublish` still stands for it. Back-pressure: `Publish` waits while the
/// broker raises an alarm, refuses messages, or `max_outstanding` is reached, and returns
/// kResourceExhausted if its timeout passes; kUnavailable with the connection's reason if there was
/// none.
///
/// Thread safety: thread-safe. Calls of several threads share one window of confirms.
class RabbitMqPublisher final : public broker::PipelinedPublisher {
 public:
  struct Statistics {
    std::uint64_t published = 0;    ///< sent, repetitions included
    std::uint64_t confirmed = 0;    ///< taken by the broker
    std::uint64_t returned = 0;     ///< unroutable
    std::uint64_t refused = 0;      ///< negative confirms
    std::uint64_t republished = 0;  ///< sent again after a lost connection or a refusal
    std::uint64_t abandoned = 0;    ///< given up because their `Publish` ran out of time
    std::uint64_t in_flight = 0;    ///< sent and not confirmed, now
    Duration oldest_in_flight{0};   ///< how long the oldest of these has waited
    Duration confirm_time{0};       ///< sum over all confirmed messages, from sending to confirm
    Duration blocked{0};            ///< total time under an alarm
  };

  /// Starts to connect and returns at once. `clock` must outlive the publisher.
  /// @return kInvalidArgument naming the option that is wrong.
  static Result<std::unique_ptr<RabbitMqPublisher>> Create(PublisherOptions options,
                                                           Clock& clock = SystemClock());
  /// Shutdown without waiting.
  ~RabbitMqPublisher() override;

  Status Publish(std::span<const broker::Message> messages, Duration timeout) override;
  Status PublishQueued(std::span<const broker::Message> messages, Duration timeout,
                       const std::function<void()>& queued) override;
  std::unique_ptr<broker::PendingPublish> Start(std::vector<broker::Message> messages,
                                                Duration timeout) override;

  [[nodiscard]] ConnectionHealth Health() const;
  [[nodiscard]] Statistics GetStatistics() const;
  /// Waits until the queue can be published to.
  /// @return kUnavailable with the connection's reason, kCancelled after Shutdown.
  Status WaitUntilReady(Duration timeout);
  /// Takes no more messages, waits up to `deadline` for the confirms of those it has, and closes
  /// the connection. Whoever still waits in `Publish` then gets kCancelled.
  /// @return kDeadlineExceeded with the number of messages given up.
  Status Shutdown(Duration deadline);

 private:
  struct Impl;
  class Sent;
  explicit RabbitMqPublisher(std::unique_ptr<Impl> impl);
  const std::unique_ptr<Impl> impl_;
};

}  // namespace auditflow::rabbitmq
