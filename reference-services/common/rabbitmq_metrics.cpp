#include "common/rabbitmq_metrics.hpp"

#include <chrono>
#include <functional>
#include <string_view>
#include <utility>

namespace auditflow::services {
namespace {

using observe::LabelledCount;
using rabbitmq::RabbitMqConsumer;
using rabbitmq::RabbitMqPublisher;

double Seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

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

std::vector<LabelledCount> Messages(const RabbitMqPublisher::Statistics& statistics) {
  return {{"published", static_cast<double>(statistics.published)},
          {"confirmed", static_cast<double>(statistics.confirmed)},
          {"returned", static_cast<double>(statistics.returned)},
          {"refused", static_cast<double>(statistics.refused)},
          {"republished", static_cast<double>(statistics.republished)},
          {"abandoned", static_cast<double>(statistics.abandoned)}};
}

std::vector<LabelledCount> Times(const RabbitMqPublisher::Statistics& statistics) {
  return {{"confirming", Seconds(statistics.confirm_time)},
          {"blocked", Seconds(statistics.blocked)}};
}

std::vector<LabelledCount> Connections(const RabbitMqPublisher& publisher) {
  const rabbitmq::ConnectionHealth health = publisher.Health();
  return {{"connected", static_cast<double>(health.connections)},
          {"failed", static_cast<double>(health.failures)}};
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

PublisherMetrics::PublisherMetrics(observe::Metrics& metrics, const RabbitMqPublisher& publisher) {
  const auto gauge = [&](std::string_view name, std::string_view help,
                         std::function<double()> value) {
    callbacks_.push_back(metrics.AddGauge(name, help, std::move(value)));
  };
  callbacks_.push_back(
      metrics.AddCounters("auditflow_rabbitmq_messages_total", "Messages by what became of them.",
                          "event", [&publisher] { return Messages(publisher.GetStatistics()); }));
  callbacks_.push_back(metrics.AddCounters("auditflow_rabbitmq_publisher_connections_total",
                                           "The publisher's connections by what became of them.",
                                           "event",
                                           [&publisher] { return Connections(publisher); }));
  gauge("auditflow_rabbitmq_unconfirmed_messages", "Messages that the broker has to confirm yet.",
        [&publisher] { return static_cast<double>(publisher.GetStatistics().in_flight); });
  gauge("auditflow_rabbitmq_oldest_unconfirmed_seconds", "How long the oldest of these has waited.",
        [&publisher] { return Seconds(publisher.GetStatistics().oldest_in_flight); });
  gauge("auditflow_rabbitmq_publisher_blocked",
        "1 while the broker takes no messages for lack of memory or disk, else 0.",
        [&publisher] { return publisher.Health().blocked ? 1.0 : 0.0; });
  callbacks_.push_back(metrics.AddCounters(
      "auditflow_rabbitmq_publisher_seconds_total",
      "Time from sending to confirm, summed over the messages; time in which the broker took none.",
      "in", [&publisher] { return Times(publisher.GetStatistics()); }));
}

}  // namespace auditflow::services
