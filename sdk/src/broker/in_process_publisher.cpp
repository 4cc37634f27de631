#include <algorithm>

#include "src/broker/broker_state.hpp"

namespace auditflow::broker {
namespace {

class InProcessPublisher final : public Publisher {
 public:
  InProcessPublisher(std::shared_ptr<BrokerState> state, Queue& queue)
      : state_(std::move(state)), queue_(queue) {}

  Status Publish(std::span<const Message> messages, Duration timeout) override;

 private:
  /// Refuses what would wait for ever.
  [[nodiscard]] Status CheckSizes(std::span<const Message> messages) const;
  /// Waits for room. @return whether there is some.
  bool WaitForRoom(std::unique_lock<std::mutex>& lock, std::size_t body_size, Duration deadline);

  const std::shared_ptr<BrokerState> state_;
  Queue& queue_;
};

Status InProcessPublisher::CheckSizes(std::span<const Message> messages) const {
  const std::size_t most = state_->options.max_messages == 0 ? 0 : state_->options.max_bytes;
  for (const Message& message : messages) {
    if (message.body.size() <= most) continue;
    return InvalidArgument("message " + message.message_id + ": its " +
                           std::to_string(message.body.size()) + " bytes exceed queue " +
                           queue_.name() + ", which holds " + std::to_string(most));
  }
  return Status();
}

bool InProcessPublisher::WaitForRoom(std::unique_lock<std::mutex>& lock, std::size_t body_size,
                                     Duration deadline) {
  while (!state_->closed && !queue_.HasRoomFor(body_size)) {
    if (state_->clock.Monotonic() >= deadline) return false;
    queue_.writable.Wait(lock, state_->clock, deadline);
  }
  return true;
}

Status InProcessPublisher::Publish(std::span<const Message> messages, Duration timeout) {
  Status sizes = CheckSizes(messages);
  if (!sizes.ok()) return sizes;
  std::unique_lock lock(state_->mutex);
  const Duration deadline = DeadlineAfter(state_->clock, timeout);
  for (std::size_t accepted = 0; accepted < messages.size(); ++accepted) {
    if (!WaitForRoom(lock, messages[accepted].body.size(), deadline)) {
      return ResourceExhausted("queue " + queue_.name() + " is full; it took " +
                               std::to_string(accepted) + " of " + std::to_string(messages.size()) +
                               " messages");
    }
    if (state_->closed) return Cancelled("the broker was shut down");
    queue_.Push(messages[accepted]);
  }
  return state_->closed ? Cancelled("the broker was shut down") : Status();
}

}  // namespace

std::unique_ptr<Publisher> MakeInProcessPublisher(const std::shared_ptr<BrokerState>& state,
                                                  const std::string& queue) {
  const std::lock_guard lock(state->mutex);
  Queue& named = state->Named(queue);
  return std::make_unique<InProcessPublisher>(state, named);
}

}  // namespace auditflow::broker
