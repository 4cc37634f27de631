#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "auditflow/broker/broker.hpp"
#include "auditflow/core/clock.hpp"

namespace auditflow::broker {

struct InProcessBrokerOptions {
  std::size_t max_messages = 100'000;               ///< per queue, unsettled ones included
  std::size_t max_bytes = std::size_t{256} << 20U;  ///< per queue, bodies only
};

/// Queues within one process: what `auditflow up` and the tests use in place of RabbitMQ. Messages
/// do not survive the process.
///
/// A full queue makes `Publish` wait (back-pressure), and return kResourceExhausted if its timeout
/// passes; a timeout of zero never waits. A message larger than a whole queue is kInvalidArgument.
/// Order is that of publishing, also for requeued messages. Dead letters of queue `q` go to
/// `q.dead-letter`, itself a queue; a full dead-letter queue drops its oldest message and counts
/// that. Lifetime: publishers and consumers may outlive the broker object, but not the clock.
/// Thread safety: thread-safe.
class InProcessBroker {
 public:
  explicit InProcessBroker(InProcessBrokerOptions options = {}, Clock& clock = SystemClock());
  ~InProcessBroker();

  /// Queues are made when they are first named.
  std::unique_ptr<Publisher> NewPublisher(const std::string& queue);
  std::unique_ptr<Consumer> NewConsumer(const std::string& queue);

  struct QueueStatistics {
    std::size_t ready = 0;
    std::size_t unsettled = 0;
    std::size_t dropped = 0;  ///< from a full dead-letter queue
    std::size_t bytes = 0;    ///< bodies of ready and unsettled messages
  };
  /// All zero for a queue that nobody has named yet.
  [[nodiscard]] QueueStatistics Statistics(const std::string& queue) const;

  /// Waits until every queue that has a consumer is empty and settled, publishing and consuming
  /// going on meanwhile; then, or once `deadline` from now has passed, `Publish` and `Receive`
  /// return kCancelled. The destructor calls it with a deadline of zero.
  /// @return kDeadlineExceeded naming the first queue that still held messages.
  Status Shutdown(Duration deadline);

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace auditflow::broker
