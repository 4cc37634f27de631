#include "common/rabbitmq_metrics.hpp"

namespace auditflow::services {
namespace {

using observe::LabelledCount;
using rabbitmq::RabbitMqConsumer;

std::vector<LabelledCount> Deliveries(const RabbitMqConsumer::Statistics& statistics) {
  return {{"delivered", static_cast<double>(statistics.delivered)},
          {"redelivered", static_cast<double>(statistics.redelivered)},
          {"acknowledged", static_cast<double>(statistics.acknowledged)},
          {"requeued", static_cast<double>(statistics.requeued)},
          {"dead_lettered", static_cast<double>(statistics.dead_lettered)},
          {"too_many_attempts", static_cast<double>(statistics.too_many_attempts)}};
}

std::vector<LabelledCount> Connections(const RabbitMqConsumer& consumer) {
  const rabbitmq::ConnectionHealth health = consumer.Health();
  return {{"connected", static_cast<double>(health.connections)},
          {"failed", static_cast<double>(health.failures)},
          {"cancelled", static_cast<double>(consumer.GetStatistics().cancelled)}};
}

}  // namespace

ConsumerMetrics::ConsumerMetrics(observe::Metrics& metrics, const RabbitMqConsumer& consumer) {
  callbacks_.push_back(metrics.AddCounters(
      "auditflow_rabbitmq_deliveries_total", "Deliveries by what became of them.", "event",
      [&consumer] { return Deliveries(consumer.GetStatistics()); }));
  callbacks_.push_back(metrics.AddCounters("auditflow_rabbitmq_consumer_connections_total",
                                           "The consumer's connections by what became of them.",
                                           "event", [&consumer] { return Connections(consumer); }));
  callbacks_.push_back(metrics.AddGauge(
      "auditflow_rabbitmq_unsettled_deliveries", "Deliveries in this service's hands.",
      [&consumer] { return static_cast<double>(consumer.GetStatistics().unsettled); }));
}

}  // namespace auditflow::services
