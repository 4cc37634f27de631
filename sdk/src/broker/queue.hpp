#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>

#include "auditflow/broker/broker.hpp"
#include "auditflow/broker/in_process_broker.hpp"

#include "src/broker/wait_list.hpp"

namespace auditflow::broker {

/// The messages of one queue, ready or handed out.
///
/// Thread safety: guarded by the broker's mutex.
class Queue {
 public:
  struct Entry {
    Message message;
    std::uint32_t attempts = 0;
  };
  /// Ready messages in the order of their publishing: a requeued one finds its old place by its
  /// number.
  using Ready = std::map<std::uint64_t, Entry>;
  using Node = Ready::node_type;

  Queue(std::string name, const InProcessBrokerOptions& limits)
      : name_(std::move(name)), limits_(limits) {}

  [[nodiscard]] const std::string& name() const { return name_; }
  /// Whether a body of that size can be taken in now.
  [[nodiscard]] bool HasRoomFor(std::size_t body_size) const;
  [[nodiscard]] bool HasReady() const { return !ready_.empty(); }
  /// The size of the oldest ready message's body. Requires one.
  [[nodiscard]] std::size_t NextSize() const { return ready_.begin()->second.message.body.size(); }
  /// Neither ready nor handed-out messages.
  [[nodiscard]] bool IsIdle() const { return ready_.empty() && unsettled_ == 0; }

  void Push(Message message);
  /// `Push` for a dead-letter queue: what is oldest makes room, and is counted.
  void PushDroppingOldest(Message message);
  /// The oldest ready message, counted as unsettled from now on. Requires one.
  Node Take();
  /// The message is gone for good.
  void Settle(const Node& node);
  /// The message becomes ready again.
  void PutBack(Node node);

  [[nodiscard]] InProcessBroker::QueueStatistics Statistics() const;

  int consumers = 0;
  WaitList readable;
  WaitList writable;

 private:
  void DropOldest();

  const std::string name_;
  const InProcessBrokerOptions& limits_;
  Ready ready_;
  std::uint64_t next_number_ = 0;
  std::size_t unsettled_ = 0;
  std::size_t bytes_ = 0;
  std::size_t dropped_ = 0;
};

}  // namespace auditflow::broker
