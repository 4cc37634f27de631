#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include "auditflow/broker/broker.hpp"

namespace auditflow::rabbitmq {

/// An acknowledgement to be sent.
struct AckFrame {
  std::uint64_t broker_tag = 0;
  bool multiple = false;
  friend bool operator==(const AckFrame&, const AckFrame&) = default;
};

/// The deliveries of a consumer and what became of them.
///
/// The broker's tags count from 1 on each channel; ours go on, so that none is ever given twice and
/// one of an earlier channel is told apart from one that was never given. Settled deliveries are
/// acknowledged as the longest settled prefix, with one frame.
///
/// Thread safety: thread-compatible.
class DeliveryLedger {
 public:
  enum class Standing : std::uint8_t {
    kNeverGiven,
    kUnsettled,
    kSettled,  ///< or of an earlier channel
  };
  /// What a delivery's dead letter is made of.
  struct Kept {
    broker::Message message;
    std::uint32_t attempts = 1;
  };

  /// The broker's tag of the next delivery: they follow each other.
  [[nodiscard]] std::uint64_t NextBrokerTag() const {
    return first_tag_ + slots_.size() - channel_base_;
  }
  /// A delivery of the broker, of which it keeps a copy.
  /// @return our tag.
  std::uint64_t Add(const broker::Message& message, std::uint32_t attempts = 1);
  /// The next `count` deliveries are handed out: only now are their tags given.
  void HandOut(std::size_t count) { last_given_ += count; }

  [[nodiscard]] Standing Look(std::uint64_t tag) const;
  /// Requires kUnsettled, as do the following.
  [[nodiscard]] const Kept& At(std::uint64_t tag) const { return slots_[Index(tag)].kept; }
  void Acknowledge(std::uint64_t tag);
  /// The broker takes it back. @return the broker's tag, for a frame that is to be sent at once.
  std::uint64_t Requeue(std::uint64_t tag);
  /// Somebody takes care of it, so that nobody else does: it counts as settled but is not
  /// acknowledged.
  void Reserve(std::uint64_t tag);
  /// Ends a reservation. Does nothing if the channel has gone meanwhile.
  void Release(std::uint64_t tag, bool acknowledge);

  /// Acknowledged deliveries for which no frame was taken yet.
  [[nodiscard]] std::size_t pending() const { return pending_; }
  [[nodiscard]] std::size_t unsettled() const { return slots_.size() - settled_; }
  /// The frame of the settled prefix, if it holds an acknowledged delivery.
  std::vector<AckFrame> TakePrefix();
  /// That, and a frame for each acknowledged delivery behind an unsettled one.
  std::vector<AckFrame> TakeAll();

  /// The channel is gone and with it all that is unsettled.
  /// @return what was handed out and not settled.
  std::vector<Kept> NewChannel();

 private:
  enum class State : std::uint8_t { kUnsettled, kReserved, kAcknowledged, kDone };
  struct Slot {
    Kept kept;
    State state = State::kUnsettled;
  };
  [[nodiscard]] std::size_t Index(std::uint64_t tag) const {
    return static_cast<std::size_t>(tag - first_tag_);
  }
  void Settle(Slot& slot, State state);

  std::deque<Slot> slots_;
  std::vector<broker::Message> spare_;  ///< of settled deliveries, whose memory is used again
  std::uint64_t channel_base_ = 0;      ///< our tag minus the broker's
  std::uint64_t first_tag_ = 1;         ///< ours, of slots_.front()
  std::uint64_t last_given_ = 0;
  std::size_t pending_ = 0;
  std::size_t settled_ = 0;  ///< slots that are acknowledged or done
};

}  // namespace auditflow::rabbitmq
