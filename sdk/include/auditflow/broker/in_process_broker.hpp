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
/// A full queue makes `Publish` wait (back-pressure). Dead letters of queue `q` go to
/// `q.dead-letter`, itself a queue; a full dead-letter queue drops its oldest message and counts
/// that. Lifetime: publishers and consumers may outlive the broker object. Thread safety:
/// thread-safe.
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
    std::size_t dropped = 0;
  };
  [[nodiscard]] QueueStatistics Statistics(const std::string& queue) const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace auditflow::broker
