#include "src/broker/queue.hpp"

namespace auditflow::broker {

bool Queue::HasRoomFor(std::size_t body_size) const {
  return ready_.size() + unsettled_ < limits_.max_messages &&
         body_size <= limits_.max_bytes - bytes_;
}

void Queue::Push(Message message) {
  bytes_ += message.body.size();
  ready_.emplace_hint(ready_.end(), next_number_++, Entry{std::move(message), 0});
  readable.NotifyAll();
}

void Queue::PushDroppingOldest(Message message) {
  while (HasReady() && !HasRoomFor(message.body.size())) DropOldest();
  if (HasRoomFor(message.body.size())) {
    Push(std::move(message));
  } else {
    ++dropped_;
  }
}

void Queue::DropOldest() {
  bytes_ -= ready_.begin()->second.message.body.size();
  ready_.erase(ready_.begin());
  ++dropped_;
}

Queue::Node Queue::Take() {
  ++unsettled_;
  Node node = ready_.extract(ready_.begin());
  ++node.mapped().attempts;
  return node;
}

void Queue::Settle(const Node& node) {
  --unsettled_;
  bytes_ -= node.mapped().message.body.size();
  writable.NotifyAll();
}

void Queue::PutBack(Node node) {
  --unsettled_;
  ready_.insert(std::move(node));
  readable.NotifyAll();
}

InProcessBroker::QueueStatistics Queue::Statistics() const {
  return {.ready = ready_.size(), .unsettled = unsettled_, .dropped = dropped_, .bytes = bytes_};
}

}  // namespace auditflow::broker
