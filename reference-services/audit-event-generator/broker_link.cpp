#include "audit-event-generator/broker_link.hpp"

#include <chrono>
#include <mutex>
#include <string>
#include <utility>

namespace auditflow::services {
namespace {

/// A broker that answers at all confirms within far less.
constexpr Duration kUnusual = std::chrono::seconds(2);
constexpr const char* kStarting = "not connected yet";

}  // namespace

BrokerLink::BrokerLink(rabbitmq::PublisherOptions options, Clock& clock)
    : options_(std::move(options)), clock_(clock) {}

Status BrokerLink::Open(observe::Metrics& metrics) {
  auto made = rabbitmq::RabbitMqPublisher::Create(options_, clock_);
  if (!made) return made.error();
  const std::scoped_lock lock(mutex_);
  publisher_ = *std::move(made);
  metrics_.emplace(metrics, *publisher_);
  return {};
}

Status BrokerLink::Close(Duration deadline) {
  const auto publisher = this->publisher();
  if (!publisher) return {};
  if (Ready().ok()) return publisher->Shutdown(deadline);
  // What is given up now was never promised to anybody.
  (void)publisher->Shutdown(Duration::zero());
  return {};
}

Status BrokerLink::Publish(std::span<const broker::Message> messages, Duration timeout) {
  return PublishQueued(messages, timeout, [] {});
}

Status BrokerLink::PublishQueued(std::span<const broker::Message> messages, Duration timeout,
                                 const std::function<void()>& queued) {
  const auto publisher = this->publisher();
  if (!publisher) return Unavailable(kStarting);
  return publisher->PublishQueued(messages, timeout, queued);
}

Status BrokerLink::Ready() const {
  const auto publisher = this->publisher();
  if (!publisher) return Unavailable(kStarting);
  const rabbitmq::ConnectionHealth health = publisher->Health();
  if (!health.up()) {
    return {StatusCode::kUnavailable, health.reason, health.permanent ? Retry::kNo : Retry::kYes};
  }
  if (health.blocked) return ResourceExhausted(health.reason);
  const Duration oldest = publisher->GetStatistics().oldest_in_flight;
  if (oldest < kUnusual) return {};
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(oldest).count();
  return Unavailable("a confirm is " + std::to_string(seconds) + " seconds late");
}

rabbitmq::ConnectionHealth BrokerLink::Health() const {
  const auto publisher = this->publisher();
  if (publisher) return publisher->Health();
  rabbitmq::ConnectionHealth health;
  health.reason = kStarting;
  return health;
}

std::shared_ptr<rabbitmq::RabbitMqPublisher> BrokerLink::publisher() const {
  const std::shared_lock lock(mutex_);
  return publisher_;
}

}  // namespace auditflow::services
