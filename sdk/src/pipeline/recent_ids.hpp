#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "auditflow/core/uuid.hpp"

namespace auditflow::pipeline {

/// Ids, each with a hash of what it named, side by side in one table: an id costs no allocation.
///
/// Thread safety: thread-compatible.
class IdTable {
 public:
  /// The hash that belongs to the id; nothing if it is not here.
  [[nodiscard]] std::optional<std::uint64_t> Find(const Uuid& id) const {
    if (id.is_nil()) return nil_;
    if (slots_.empty()) return std::nullopt;
    const Slot& slot = slots_[PlaceOf(id)];
    return slot.id.is_nil() ? std::nullopt : std::optional(slot.hash);
  }
  void Put(const Uuid& id, std::uint64_t hash) {
    if (id.is_nil()) {
      nil_ = hash;
      return;
    }
    // Some are always free, so that a search has an end.
    if (8 * (taken_ + 1) > 7 * slots_.size()) Grow();
    Slot& slot = slots_[PlaceOf(id)];
    if (slot.id.is_nil()) ++taken_;
    slot = {id, hash};
  }
  /// Keeps the memory.
  void Clear() {
    if (taken_ > 0) slots_.assign(slots_.size(), {});
    taken_ = 0;
    nil_.reset();
  }
  [[nodiscard]] std::size_t size() const { return taken_ + (nil_ ? 1 : 0); }

 private:
  struct Slot {
    Uuid id;  // nil: nothing is here
    std::uint64_t hash = 0;
  };

  /// Of the id, or where it belongs.
  [[nodiscard]] std::size_t PlaceOf(const Uuid& id) const {
    const std::size_t mask = slots_.size() - 1;
    std::size_t place = std::hash<Uuid>()(id) & mask;
    while (!slots_[place].id.is_nil() && slots_[place].id != id) place = (place + 1) & mask;
    return place;
  }
  void Grow() {
    std::vector<Slot> old(slots_.empty() ? std::size_t{64} : 2 * slots_.size());
    old.swap(slots_);
    for (const Slot& slot : old) {
      if (!slot.id.is_nil()) slots_[PlaceOf(slot.id)] = slot;
    }
  }

  std::vector<Slot> slots_;  // a power of two of them
  std::size_t taken_ = 0;
  std::optional<std::uint64_t> nil_;  // of the nil id, if it is here
};

/// The ids of at least the last `capacity` and at most twice as many things that were finished,
/// each with a hash of what it named: two generations, of which the older is forgotten as a whole.
///
/// Thread safety: thread-compatible.
class RecentIds {
 public:
  explicit RecentIds(std::size_t capacity) : capacity_(capacity) {}

  /// The hash that belongs to the id; nothing if it is not remembered.
  [[nodiscard]] std::optional<std::uint64_t> Find(const Uuid& id) const {
    const auto found = newer_.Find(id);
    return found ? found : older_.Find(id);
  }
  void Add(const Uuid& id, std::uint64_t hash) {
    newer_.Put(id, hash);
    if (newer_.size() < capacity_) return;
    std::swap(older_, newer_);
    newer_.Clear();
  }

 private:
  std::size_t capacity_;
  IdTable newer_;
  IdTable older_;
};

}  // namespace auditflow::pipeline
