#include "src/rabbitmq/delivery_ledger.hpp"

#include <utility>

namespace auditflow::rabbitmq {
namespace {

// At most 4 MB.
constexpr std::size_t kMostSpare = 1'024;
constexpr std::size_t kMostSpareBytes = 4'096;

}  // namespace

std::uint64_t DeliveryLedger::Add(const broker::Message& message, std::uint32_t attempts) {
  Slot& slot = slots_.emplace_back();
  if (!spare_.empty()) {
    slot.kept.message = std::move(spare_.back());
    spare_.pop_back();
  }
  slot.kept.message = message;
  slot.kept.attempts = attempts;
  return first_tag_ + slots_.size() - 1;
}

DeliveryLedger::Standing DeliveryLedger::Look(std::uint64_t tag) const {
  if (tag == 0 || tag > last_given_) return Standing::kNeverGiven;
  if (tag < first_tag_) return Standing::kSettled;
  return slots_[Index(tag)].state == State::kUnsettled ? Standing::kUnsettled : Standing::kSettled;
}

void DeliveryLedger::Settle(Slot& slot, State state) {
  slot.state = state;
  broker::Message& message = slot.kept.message;
  if (spare_.size() < kMostSpare && message.body.capacity() <= kMostSpareBytes) {
    spare_.push_back(std::move(message));
  } else {
    message = {};
  }
  ++settled_;
  if (state == State::kAcknowledged) ++pending_;
}

void DeliveryLedger::Acknowledge(std::uint64_t tag) {
  Settle(slots_[Index(tag)], State::kAcknowledged);
}

std::uint64_t DeliveryLedger::Requeue(std::uint64_t tag) {
  Settle(slots_[Index(tag)], State::kDone);
  return tag - channel_base_;
}

void DeliveryLedger::Reserve(std::uint64_t tag) { slots_[Index(tag)].state = State::kReserved; }

void DeliveryLedger::Release(std::uint64_t tag, bool acknowledge) {
  if (tag < first_tag_) return;
  Slot& slot = slots_[Index(tag)];
  if (slot.state != State::kReserved) return;
  if (acknowledge) {
    Settle(slot, State::kAcknowledged);
  } else {
    slot.state = State::kUnsettled;
  }
}

std::vector<AckFrame> DeliveryLedger::TakePrefix() {
  std::uint64_t acknowledged = 0;
  while (!slots_.empty() && slots_.front().state >= State::kAcknowledged) {
    if (slots_.front().state == State::kAcknowledged) {
      acknowledged = first_tag_;
      --pending_;
    }
    slots_.pop_front();
    ++first_tag_;
    --settled_;
  }
  if (acknowledged == 0) return {};
  return {{acknowledged - channel_base_, true}};
}

std::vector<AckFrame> DeliveryLedger::TakeAll() {
  std::vector<AckFrame> frames = TakePrefix();
  for (std::size_t i = 0; i < slots_.size() && pending_ > 0; ++i) {
    if (slots_[i].state != State::kAcknowledged) continue;
    slots_[i].state = State::kDone;
    --pending_;
    frames.push_back({first_tag_ + i - channel_base_, false});
  }
  return frames;
}

std::vector<DeliveryLedger::Kept> DeliveryLedger::NewChannel() {
  std::vector<Kept> lost;
  for (std::size_t i = 0; i < slots_.size() && first_tag_ + i <= last_given_; ++i) {
    if (slots_[i].state == State::kUnsettled) lost.push_back(std::move(slots_[i].kept));
  }
  first_tag_ += slots_.size();
  slots_.clear();
  channel_base_ = first_tag_ - 1;
  // What was never handed out counts as given and gone, or its tags would be given to others.
  last_given_ = channel_base_;
  pending_ = 0;
  settled_ = 0;
  return lost;
}

}  // namespace auditflow::rabbitmq
