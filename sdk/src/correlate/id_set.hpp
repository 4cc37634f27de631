#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "auditflow/core/uuid.hpp"

namespace auditflow::correlate {

/// An event as a window knows it: one event may reach a window more than once by different ways.
struct Identity {
  Uuid id;
  std::uint32_t origin = 0;
  // NOLINTNEXTLINE(modernize-use-nullptr): clang-tidy 14 misreads the defaulted operator
  friend auto operator<=>(const Identity&, const Identity&) = default;
};

/// A set of identities: open addressing with linear probing, removal by shifting back, so that a
/// sliding window leaves no tombstones behind.
class IdSet {
 public:
  [[nodiscard]] std::size_t size() const { return size_; }

  [[nodiscard]] bool Contains(const Identity& identity) const {
    return size_ != 0 && slots_[Find(identity)].used;
  }

  /// Loads what `Erase` will look at.
  void Prefetch(const Identity& identity) const {
    if (size_ != 0) __builtin_prefetch(&slots_[Home(identity)], 1);
  }

  /// Whether it was not there before.
  bool Insert(const Identity& identity) {
    if ((size_ + 1) * 4 > slots_.size() * 3) Rehash(slots_.empty() ? 8 : slots_.size() * 2);
    Slot& slot = slots_[Find(identity)];
    if (slot.used) return false;
    slot = {identity, true};
    ++size_;
    return true;
  }

  void Erase(const Identity& identity) {
    if (size_ == 0) return;
    std::size_t hole = Find(identity);
    if (!slots_[hole].used) return;
    CloseGap(hole);
    --size_;
    if (slots_.size() > kSmall && size_ < slots_.size() / 8) Rehash(slots_.size() / 2);
  }

 private:
  static constexpr std::size_t kSmall = 64;

  struct Slot {
    Identity identity;
    bool used = false;
  };

  [[nodiscard]] std::size_t mask() const { return slots_.size() - 1; }

  [[nodiscard]] std::size_t Home(const Identity& identity) const {
    constexpr std::uint64_t kGolden = 0x9E3779B97F4A7C15U;
    const std::uint64_t hash = std::hash<Uuid>()(identity.id) + identity.origin * kGolden;
    return static_cast<std::size_t>(hash) & mask();
  }

  /// The identity's slot, or the free one where it belongs.
  [[nodiscard]] std::size_t Find(const Identity& identity) const {
    std::size_t at = Home(identity);
    while (slots_[at].used && slots_[at].identity != identity) at = (at + 1) & mask();
    return at;
  }

  void CloseGap(std::size_t hole) {
    for (std::size_t at = (hole + 1) & mask(); slots_[at].used; at = (at + 1) & mask()) {
      const std::size_t home = Home(slots_[at].identity);
      // An element may move back only as far as its home.
      if (((at - home) & mask()) >= ((at - hole) & mask())) {
        slots_[hole] = slots_[at];
        hole = at;
      }
    }
    slots_[hole].used = false;
  }

  void Rehash(std::size_t capacity) {
    std::vector<Slot> old(capacity);
    old.swap(slots_);
    for (const Slot& slot : old) {
      if (slot.used) slots_[Find(slot.identity)] = slot;
    }
  }

  std::vector<Slot> slots_;  // its size is zero or a power of two
  std::size_t size_ = 0;
};

}  // namespace auditflow::correlate
