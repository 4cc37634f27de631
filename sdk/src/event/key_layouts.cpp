#include "src/event/key_layouts.hpp"

#include <atomic>

namespace auditflow::event {
namespace {

std::uint64_t NextId() {
  static std::atomic<std::uint64_t> last{0};
  return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

/// Of up to the first eight bytes of a key, and its length.
std::uint64_t Summary(std::string_view key) {
  std::uint64_t head = 0;
  std::memcpy(&head, key.data(), std::min<std::size_t>(key.size(), sizeof head));
  return head + key.size() * 0x9E3779B97F4A7C15U;
}

}  // namespace

const KeyLayout* KeyLayouts::Guess(const Tape& tape, std::uint32_t index, std::size_t members) {
  guess_ = nullptr;
  if (members == 0 || members > kMostKeys) return nullptr;
  if (skip_ > 0) {
    --skip_;
    return nullptr;
  }
  CountAsked();
  const Value first(&tape, index + 1);
  std::uint64_t hash = Summary(first.string_value()) ^ members << 40U;
  if (members > 1) {
    const Value second(&tape, Value(&tape, index + 2).next_index());
    hash = hash * 0x9FB21C651E98DF25U + Summary(second.string_value());
  }
  guess_ = &layouts_[(hash * 0x9E3779B97F4A7C15U) >> 57U];
  return guess_->id == 0 ? nullptr : guess_;
}

std::uint64_t KeyLayouts::Learn(const Tape& tape, std::uint32_t index) {
  if (guess_ == nullptr) return 0;
  ++learned_;
  guess_->id = 0;
  guess_->text.clear();
  guess_->ends.clear();
  Value(&tape, index).ForEachMember([this](std::string_view key, Value) {
    guess_->text += key;
    guess_->ends.push_back(static_cast<std::uint32_t>(guess_->text.size()));
    return guess_->text.size() <= kMostText;
  });
  if (guess_->text.size() > kMostText) return 0;
  guess_->id = NextId();
  return guess_->id;
}

void KeyLayouts::CountAsked() {
  if (++asked_ < kTrial) return;
  if (learned_ > kTrial - kTrial / 8) skip_ = kPause;
  asked_ = learned_ = 0;
}

}  // namespace auditflow::event
