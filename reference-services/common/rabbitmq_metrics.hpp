#pragma once

#include <vector>

#include "auditflow/observe/metrics.hpp"
#include "auditflow/rabbitmq/rabbitmq_consumer.hpp"

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

}  // namespace auditflow::services
