#include <algorithm>
#include <unordered_map>

#include "src/broker/broker_state.hpp"

namespace auditflow::broker {
namespace {

constexpr std::string_view kReasonHeader = "x-auditflow-reason";

class InProcessConsumer final : public Consumer {
 public:
  InProcessConsumer(std::shared_ptr<BrokerState> state, Queue& queue)
      : state_(std::move(state)), queue_(queue) {
    ++queue_.consumers;
  }
  ~InProcessConsumer() override { Stop(); }
  InProcessConsumer(const InProcessConsumer&) = delete;
  InProcessConsumer& operator=(const InProcessConsumer&) = delete;

  Result<std::vector<Delivery>> Receive(std::size_t max, Duration wait) override;
  Status Ack(std::span<const std::uint64_t> tags) override;
  Status Requeue(std::span<const std::uint64_t> tags) override;
  Status DeadLetter(std::uint64_t tag, std::string_view reason) override;
  void Shutdown() override { Stop(); }

 private:
  // Each of these requires the mutex.
  Delivery Deliver();
  [[nodiscard]] Status CheckGiven(std::span<const std::uint64_t> tags) const;
  /// The message under the tag, no longer held here; an empty node if it was settled before.
  Queue::Node Release(std::uint64_t tag);

  void Stop();

  const std::shared_ptr<BrokerState> state_;
  Queue& queue_;
  bool stopped_ = false;
  std::uint64_t last_tag_ = 0;
  std::unordered_map<std::uint64_t, Queue::Node> held_;
};

Result<std::vector<Delivery>> InProcessConsumer::Receive(std::size_t max, Duration wait) {
  std::unique_lock lock(state_->mutex);
  const Duration deadline = DeadlineAfter(state_->clock, wait);
  while (!stopped_ && !state_->closed && max > 0 && !queue_.HasReady() &&
         state_->clock.Monotonic() < deadline) {
    queue_.readable.Wait(lock, state_->clock, deadline);
  }
  if (stopped_) return Error(Cancelled("the consumer was shut down"));
  if (state_->closed) return Error(Cancelled("the broker was shut down"));
  std::vector<Delivery> deliveries;
  std::size_t bytes = 0;
  while (deliveries.size() < max && queue_.HasReady()) {
    bytes += queue_.NextSize();
    if (bytes > kMostBytesTogether && !deliveries.empty()) break;
    deliveries.push_back(Deliver());
  }
  return deliveries;
}

Delivery InProcessConsumer::Deliver() {
  Queue::Node node = queue_.Take();
  const Queue::Entry& entry = node.mapped();
  Delivery delivery{entry.message, ++last_tag_, entry.attempts > 1, entry.attempts};
  held_.emplace(last_tag_, std::move(node));
  return delivery;
}

Status InProcessConsumer::CheckGiven(std::span<const std::uint64_t> tags) const {
  for (const std::uint64_t tag : tags) {
    if (tag >= 1 && tag <= last_tag_) continue;
    return InvalidArgument("tag " + std::to_string(tag) + ": never delivered by this consumer");
  }
  return Status();
}

Queue::Node InProcessConsumer::Release(std::uint64_t tag) {
  const auto at = held_.find(tag);
  if (at == held_.end()) return {};
  Queue::Node node = std::move(at->second);
  held_.erase(at);
  return node;
}

Status InProcessConsumer::Ack(std::span<const std::uint64_t> tags) {
  const std::lock_guard lock(state_->mutex);
  Status given = CheckGiven(tags);
  if (!given.ok()) return given;
  for (const std::uint64_t tag : tags) {
    if (const Queue::Node node = Release(tag)) queue_.Settle(node);
  }
  if (queue_.IsIdle()) state_->settled.NotifyAll();
  return Status();
}

Status InProcessConsumer::Requeue(std::span<const std::uint64_t> tags) {
  const std::lock_guard lock(state_->mutex);
  Status given = CheckGiven(tags);
  if (!given.ok()) return given;
  for (const std::uint64_t tag : tags) {
    if (Queue::Node node = Release(tag)) queue_.PutBack(std::move(node));
  }
  return Status();
}

Status InProcessConsumer::DeadLetter(std::uint64_t tag, std::string_view reason) {
  const std::lock_guard lock(state_->mutex);
  Status given = CheckGiven({&tag, 1});
  if (!given.ok()) return given;
  Queue::Node node = Release(tag);
  if (!node) return Status();
  queue_.Settle(node);
  Message& message = node.mapped().message;
  std::erase_if(message.headers, [](const auto& header) { return header.first == kReasonHeader; });
  message.headers.emplace_back(kReasonHeader, reason);
  state_->Named(queue_.name() + ".dead-letter").PushDroppingOldest(std::move(message));
  if (queue_.IsIdle()) state_->settled.NotifyAll();
  return Status();
}

void InProcessConsumer::Stop() {
  const std::lock_guard lock(state_->mutex);
  if (stopped_) return;
  stopped_ = true;
  for (auto& [tag, node] : held_) queue_.PutBack(std::move(node));
  held_.clear();
  --queue_.consumers;
  queue_.readable.NotifyAll();
  state_->settled.NotifyAll();
}

}  // namespace

std::unique_ptr<Consumer> MakeInProcessConsumer(const std::shared_ptr<BrokerState>& state,
                                                const std::string& queue) {
  const std::lock_guard lock(state->mutex);
  Queue& named = state->Named(queue);
  return std::make_unique<InProcessConsumer>(state, named);
}

}  // namespace auditflow::broker
