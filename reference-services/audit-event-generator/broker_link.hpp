#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <span>

#include "auditflow/broker/pipelined_publisher.hpp"
#include "auditflow/core/clock.hpp"
#include "auditflow/observe/metrics.hpp"
#include "auditflow/rabbitmq/rabbitmq_publisher.hpp"

#include "common/rabbitmq_metrics.hpp"

namespace auditflow::services {

/// The way to the broker: there from the beginning, connected from `Open` on.
///
/// Thread safety: thread-safe. `clock` must outlive it.
class BrokerLink final : public broker::PipelinedPublisher {
 public:
  BrokerLink(rabbitmq::PublisherOptions options, Clock& clock);

  /// Begins to connect. Once; `metrics` must outlive the link.
  /// @return what is wrong with the options.
  Status Open(observe::Metrics& metrics);
  /// Waits up to `deadline` for confirms, not at all while the broker is away, and closes.
  /// @return kDeadlineExceeded with the number of messages that were given up.
  Status Close(Duration deadline);

  /// kUnavailable before `Open`.
  Status Publish(std::span<const broker::Message> messages, Duration timeout) override;
  Status PublishQueued(std::span<const broker::Message> messages, Duration timeout,
                       const std::function<void()>& queued) override;

  /// Whether it is of any use to wait for a confirm: connected, not blocked, and nothing waits
  /// for one unusually long.
  [[nodiscard]] Status Ready() const;
  [[nodiscard]] rabbitmq::ConnectionHealth Health() const;

 private:
  [[nodiscard]] std::shared_ptr<rabbitmq::RabbitMqPublisher> publisher() const;

  const rabbitmq::PublisherOptions options_;
  Clock& clock_;
  mutable std::shared_mutex mutex_;
  std::shared_ptr<rabbitmq::RabbitMqPublisher> publisher_;
  std::optional<PublisherMetrics> metrics_;
};

}  // namespace auditflow::services
