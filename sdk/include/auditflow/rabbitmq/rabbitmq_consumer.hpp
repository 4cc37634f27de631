#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "auditflow/broker/broker.hpp"
#include "auditflow/core/clock.hpp"
#include "auditflow/rabbitmq/connection_health.hpp"
#include "auditflow/rabbitmq/options.hpp"

namespace auditflow::rabbitmq {

/// Consumes one queue over a connection of its own.
///
/// The connection is made in the background, and made again for ever after a loss or when the
/// broker cancels the consumer. Acknowledgements are gathered: the longest settled prefix goes to
/// the broker as one, at the latest after `ack_interval`; a crash within it means redelivery.
///
/// `Delivery::attempts`: a classic queue only says that a message was delivered before, so that
/// attempts of other processes count as one; of this consumer's own it remembers the last 10,000
/// messages. A quorum queue counts all of them.
///
/// Dead letters keep body, id, content type and headers and gain `x-auditflow-reason` (at most
/// 1024 bytes), `x-auditflow-queue` and `x-auditflow-attempts`; they go over a further connection,
/// made for the first of them, and are settled only once the broker confirmed the copy.
/// Headers that are no texts, numbers or booleans are dropped; if the headers are too large to be
/// sent with these, all others are.
///
/// Thread safety: thread-safe.
class RabbitMqConsumer final : public broker::Consumer {
 public:
  struct Statistics {
    std::uint64_t delivered = 0;  ///< by the broker, redeliveries included
    std::uint64_t redelivered = 0;
    std::uint64_t acknowledged = 0;  ///< settled by Ack
    std::uint64_t requeued = 0;      ///< settled by Requeue
    std::uint64_t dead_lettered = 0;
    std::uint64_t too_many_attempts = 0;  ///< dead letters among these by `max_attempts`
    std::uint64_t ack_frames = 0;         ///< sent to the broker
    std::uint64_t cancelled = 0;          ///< by the broker: the queue was deleted or moved
    std::uint64_t unsettled = 0;          ///< now, those not yet received included
  };

  /// Starts to connect and returns at once. `clock` must outlive the consumer.
  /// @return kInvalidArgument naming the option that is wrong.
  static Result<std::unique_ptr<RabbitMqConsumer>> Create(ConsumerOptions options,
                                                          Clock& clock = SystemClock());
  ~RabbitMqConsumer() override;

  /// While the broker is away this waits for it as it waits for messages, and is kUnavailable, with
  /// the reason, if it is still away when `wait` is over.
  Result<std::vector<broker::Delivery>> Receive(std::size_t max, Duration wait) override;
  Status Ack(std::span<const std::uint64_t> tags) override;
  Status Requeue(std::span<const std::uint64_t> tags) override;
  /// Waits for the confirm, up to `dead_letter_timeout`.
  /// @return the publisher's error; the delivery then goes back to the queue and comes again.
  /// kFailedPrecondition if there is no dead-letter queue; the delivery then stays unsettled.
  Status DeadLetter(std::uint64_t tag, std::string_view reason) override;
  /// Sends the acknowledgements that are due, then closes the connection.
  void Shutdown() override;

  [[nodiscard]] ConnectionHealth Health() const;
  [[nodiscard]] Statistics GetStatistics() const;
  /// Waits until the broker delivers.
  /// @return kUnavailable with the connection's reason, kCancelled after Shutdown.
  Status WaitUntilReady(Duration timeout);

 private:
  struct Impl;
  explicit RabbitMqConsumer(std::unique_ptr<Impl> impl);
  const std::unique_ptr<Impl> impl_;
};

}  // namespace auditflow::rabbitmq
