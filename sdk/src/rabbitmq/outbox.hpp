#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "auditflow/broker/broker.hpp"

namespace auditflow::rabbitmq {

/// The messages of one call of `Publish`. The messages never change; the rest is guarded by the
/// publisher's mutex.
struct Batch {
  std::vector<broker::Message> messages;
  std::size_t unsettled = 0;
  bool abandoned = false;  ///< nobody waits for it any more: not to be sent (again)
  bool refused = false;    ///< the broker took none or some of it, and is asked again
  Status failure;          ///< the first of its messages that can never be delivered
};

/// One message of a batch.
struct Item {
  std::shared_ptr<Batch> batch;
  std::size_t index = 0;
  bool sent_before = false;
  bool returned_before = false;
  Duration not_before{0};  ///< monotonic; only of a message that was refused

  [[nodiscard]] const broker::Message& message() const { return batch->messages[index]; }
};

/// What waits to be sent, in order: first what a lost connection left unconfirmed, then the rest.
///
/// Thread safety: guarded by the publisher's mutex.
class Outbox {
 public:
  void Push(const std::shared_ptr<Batch>& batch);
  /// Before everything else (but what is refused and not due), in the given order.
  void PushFront(std::vector<Item> items);
  /// To be sent again, not before `not_before`.
  void PushRefused(Item item, Duration not_before);

  /// The next items, up to `max_count` and until their bodies reach `max_bytes`; at least one if
  /// any is due. Items of abandoned batches are dropped on the way.
  std::vector<Item> Take(std::size_t max_count, std::size_t max_bytes, Duration now);
  /// How long until `Take` gives something; nothing if it is empty.
  [[nodiscard]] std::optional<Duration> UntilDue(Duration now) const;
  /// Forgets all items of abandoned batches, and so their memory.
  void DropAbandoned();
  [[nodiscard]] std::size_t size() const { return ready_.size() + refused_.size(); }

 private:
  void PromoteRefused(Duration now);

  std::deque<Item> ready_;
  std::deque<Item> refused_;  ///< in the order of their times
};

}  // namespace auditflow::rabbitmq
