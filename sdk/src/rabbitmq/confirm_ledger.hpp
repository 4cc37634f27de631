#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string_view>
#include <utility>
#include <vector>

#include "src/rabbitmq/outbox.hpp"

namespace auditflow::rabbitmq {

enum class Outcome : std::uint8_t {
  kConfirmed,
  kReturned,  ///< unroutable: the broker sent it back, then confirmed that it had dealt with it
  kRefused,   ///< negative confirm
};

struct Settled {
  Item item;
  Outcome outcome = Outcome::kConfirmed;
  Duration sent_at{0};
};

/// What was sent on a channel and is not confirmed yet.
///
/// Delivery tags count from 1 on each channel. Thread safety: thread-compatible.
class ConfirmLedger {
 public:
  [[nodiscard]] std::size_t size() const { return unsettled_; }
  /// The monotonic time at which the oldest was sent; zero if there is none.
  [[nodiscard]] Duration OldestSentAt() const;

  /// @return the tag that the broker will confirm.
  std::uint64_t Add(Item item, Duration sent_at);
  /// A confirm of `tag`, and of all before it if `multiple`; tag 0 with `multiple` means all. A tag
  /// that is unknown or settled already changes nothing.
  /// @return what it settled, in the order of sending.
  std::vector<Settled> Settle(std::uint64_t tag, bool multiple, bool positive);
  /// A message came back. The oldest with this id that did not come back yet is meant: the broker
  /// returns in the order of sending, and each before its confirm.
  void MarkReturned(std::string_view message_id);
  /// The channel is gone: everything unsettled, in the order of sending. The next tag is 1.
  std::vector<Item> TakeAllForResend();

 private:
  struct Slot {
    Item item;
    Duration sent_at;
    bool settled = false;
    bool returned = false;
  };
  void SettleSlot(Slot& slot, bool positive, std::vector<Settled>& out);
  void DropSettledPrefix();

  std::deque<Slot> slots_;
  std::uint64_t first_tag_ = 1;
  std::size_t unsettled_ = 0;
};

}  // namespace auditflow::rabbitmq
