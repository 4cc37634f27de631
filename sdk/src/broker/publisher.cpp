#include <utility>

#include "auditflow/broker/broker.hpp"

namespace auditflow::broker {
namespace {

/// Publishes only when it is waited for.
class Postponed final : public PendingPublish {
 public:
  Postponed(Publisher& publisher, std::vector<Message> messages, Duration timeout)
      : publisher_(publisher), messages_(std::move(messages)), timeout_(timeout) {}

  Status Wait() override { return publisher_.Publish(messages_, timeout_); }

 private:
  Publisher& publisher_;
  const std::vector<Message> messages_;
  const Duration timeout_;
};

}  // namespace

std::unique_ptr<PendingPublish> Publisher::Start(std::vector<Message> messages, Duration timeout) {
  return std::make_unique<Postponed>(*this, std::move(messages), timeout);
}

}  // namespace auditflow::broker
