#pragma once

#include <vector>

#include "auditflow/observe/metrics.hpp"
#include "auditflow/rabbitmq/rabbitmq_consumer.hpp"
#include "auditflow/rabbitmq/rabbitmq_publisher.hpp"

namespace auditflow::services {

/// What a consumer did, and has in its hands:
///
///     auditflow_rabbitmq_deliveries_total{event="delivered|redelivered|acknowledged|requeued|
///         dead_lettered|too_many_attempts"}
///     auditflow_rabbitmq_consumer_connections_total{event="connected|failed|cancelled"}
///     auditflow_rabbitmq_unsettled_deliveries
///
/// Asked at each rendering, for as long as this lives. The consumer must outlive it.
class ConsumerMetrics {
 public:
  ConsumerMetrics(observe::Metrics& metrics, const rabbitmq::RabbitMqConsumer& consumer);

 private:
  std::vector<observe::MetricCallback> callbacks_;
};

/// What a publisher did, and waits for:
///
///     auditflow_rabbitmq_messages_total{event="published|confirmed|returned|refused|republished|
///         abandoned"}
///     auditflow_rabbitmq_publisher_connections_total{event="connected|failed"}
///     auditflow_rabbitmq_unconfirmed_messages
///     auditflow_rabbitmq_oldest_unconfirmed_seconds
///     auditflow_rabbitmq_publisher_blocked    0 or 1: an alarm of the broker
///     auditflow_rabbitmq_publisher_seconds_total{in="confirming|blocked"}
///
/// Asked at each rendering, for as long as this lives. The publisher must outlive it.
class PublisherMetrics {
 public:
  PublisherMetrics(observe::Metrics& metrics, const rabbitmq::RabbitMqPublisher& publisher);

 private:
  std::vector<observe::MetricCallback> callbacks_;
};

}  // namespace auditflow::services
