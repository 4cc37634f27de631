#include "src/rabbitmq/confirm_ledger.hpp"

#include <algorithm>

namespace auditflow::rabbitmq {

Duration ConfirmLedger::OldestSentAt() const {
  return slots_.empty() ? Duration::zero() : slots_.front().sent_at;
}

std::uint64_t ConfirmLedger::Add(Item item, Duration sent_at) {
  slots_.push_back({std::move(item), sent_at});
  ++unsettled_;
  return first_tag_ + slots_.size() - 1;
}

std::vector<Settled> ConfirmLedger::Settle(std::uint64_t tag, bool multiple, bool positive) {
  std::vector<Settled> out;
  const std::uint64_t last = first_tag_ + slots_.size() - 1;
  if (multiple && tag == 0) tag = last;
  if (tag < first_tag_ || tag > last) return out;
  const auto end = static_cast<std::size_t>(tag - first_tag_) + 1;
  for (std::size_t i = multiple ? 0 : end - 1; i < end; ++i) SettleSlot(slots_[i], positive, out);
  DropSettledPrefix();
  return out;
}

void ConfirmLedger::SettleSlot(Slot& slot, bool positive, std::vector<Settled>& out) {
  if (slot.settled) return;
  slot.settled = true;
  --unsettled_;
  Outcome outcome = Outcome::kRefused;
  if (positive) outcome = slot.returned ? Outcome::kReturned : Outcome::kConfirmed;
  out.push_back({std::move(slot.item), outcome, slot.sent_at});
}

void ConfirmLedger::DropSettledPrefix() {
  while (!slots_.empty() && slots_.front().settled) {
    slots_.pop_front();
    ++first_tag_;
  }
}

void ConfirmLedger::MarkReturned(std::string_view message_id) {
  const auto at = std::find_if(slots_.begin(), slots_.end(), [&](const Slot& slot) {
    return !slot.settled && !slot.returned && slot.item.message().message_id == message_id;
  });
  if (at != slots_.end()) at->returned = true;
}

std::vector<Item> ConfirmLedger::TakeAllForResend() {
  std::vector<Item> items;
  items.reserve(unsettled_);
  for (Slot& slot : slots_) {
    if (!slot.settled) items.push_back(std::move(slot.item));
  }
  slots_.clear();
  first_tag_ = 1;
  unsettled_ = 0;
  return items;
}

}  // namespace auditflow::rabbitmq
