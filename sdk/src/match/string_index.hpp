#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "src/core/bytes.hpp"

namespace auditflow::match {

/// A hash for table look-ups of short strings: two overlapping loads for up to 16 bytes, eight
/// bytes a step beyond.
inline std::uint64_t HashBytes(std::string_view text) {
  constexpr std::uint64_t kMultiplier = 0x9FB21C651E98DF25U;
  const auto load = [](const char* at, std::size_t size) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, size);
    return word;
  };
  const auto mix = [](std::uint64_t a, std::uint64_t b) {
    a = (a ^ b) * kMultiplier;
    return a ^ (a >> 32U);
  };
  const char* at = text.data();
  std::size_t left = text.size();
  std::uint64_t hash = left;
  for (; left > 16; at += 8, left -= 8) hash = mix(hash, load(at, 8));
  if (left >= 8) return mix(mix(hash, load(at, 8)), load(at + left - 8, 8));
  if (left >= 4) return mix(hash, load(at, 4) << 32U | load(at + left - 4, 4));
  if (left == 0) return mix(hash, 0);
  return mix(hash, load(at, 1) << 16U | load(at + left / 2, 1) << 8U | load(at + left - 1, 1));
}

/// Distinct strings numbered from 0 in the order in which they were added, and found by content.
///
/// Thread safety: thread-compatible; immutable once built.
class StringIndex {
 public:
  static constexpr std::uint32_t kMissing = 0xFFFFFFFFU;

  /// The string's number, a new one if it was not there.
  std::uint32_t Add(std::string_view text) {
    if (slots_.size() <= strings_.size() * 2) Grow();
    const std::uint64_t hash = HashBytes(text);
    const std::size_t slot = FindSlot(text, hash);
    if (slots_[slot].id == kMissing) {
      slots_[slot] = {static_cast<std::uint32_t>(hash),
                      static_cast<std::uint32_t>(strings_.size())};
      strings_.emplace_back(text);
    }
    return slots_[slot].id;
  }

  [[nodiscard]] std::uint32_t Find(std::string_view text) const {
    if (strings_.empty()) return kMissing;
    return slots_[FindSlot(text, HashBytes(text))].id;
  }

  [[nodiscard]] std::size_t size() const { return strings_.size(); }
  [[nodiscard]] bool empty() const { return strings_.empty(); }
  [[nodiscard]] const std::string& operator[](std::uint32_t id) const { return strings_[id]; }

 private:
  struct Slot {
    std::uint32_t hash = 0;
    std::uint32_t id = kMissing;
  };

  [[nodiscard]] std::size_t FindSlot(std::string_view text, std::uint64_t hash) const {
    const std::size_t mask = slots_.size() - 1;
    for (std::size_t at = (hash >> 32U) & mask;; at = (at + 1) & mask) {
      const Slot& slot = slots_[at];
      if (slot.id == kMissing) return at;
      if (slot.hash == static_cast<std::uint32_t>(hash) && IsAt(slot.id, text)) return at;
    }
  }

  [[nodiscard]] bool IsAt(std::uint32_t id, std::string_view text) const {
    const std::string& known = strings_[id];
    return known.size() == text.size() && EqualBytes(known.data(), text.data(), text.size());
  }

  void Grow() {
    slots_.assign(slots_.empty() ? 8 : slots_.size() * 2, Slot{});
    for (std::uint32_t id = 0; id < strings_.size(); ++id) {
      const std::uint64_t hash = HashBytes(strings_[id]);
      slots_[FindSlot(strings_[id], hash)] = {static_cast<std::uint32_t>(hash), id};
    }
  }

  std::vector<std::string> strings_;
  std::vector<Slot> slots_;
};

}  // namespace auditflow::match
