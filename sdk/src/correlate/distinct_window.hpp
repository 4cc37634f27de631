#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "src/correlate/ring.hpp"

namespace auditflow::correlate {

/// A first-in-first-out queue of values that knows how many different ones it holds.
///
/// Each value is kept once, in a pool; an open-addressing table of eight bytes a slot (32 bits of
/// its hash and its place in the pool) finds it, and the queue holds places. So in a large window
/// a change touches one cache line of the table and one of the pool, and in the steady state
/// allocates nothing. O(1) per change.
///
/// Limits: 2^32 − 1 different values. Thread safety: thread-compatible.
class DistinctWindow {
 public:
  void Add(std::string_view value);
  /// Requires that it is not empty.
  void RemoveOldest();
  [[nodiscard]] std::size_t size() const { return order_.size(); }
  /// 0 is the oldest.
  [[nodiscard]] std::string_view At(std::size_t i) const { return pool_[order_[i]].value; }
  /// How many different values there are.
  [[nodiscard]] std::size_t distinct() const { return distinct_; }

 private:
  using Place = std::uint32_t;
  static constexpr Place kNone = std::numeric_limits<Place>::max();
  static constexpr std::size_t kSmall = 64;  // for which memory is not given back

  struct Counted {
    std::string value;
    std::uint32_t hash = 0;
    std::uint32_t count = 0;
  };
  struct Slot {
    std::uint32_t hash = 0;
    Place place = kNone;
  };

  [[nodiscard]] std::size_t mask() const { return slots_.size() - 1; }
  [[nodiscard]] std::size_t FindSlot(std::string_view value, std::uint32_t hash) const;
  Place NewPlace();
  void EraseSlot(std::size_t hole);
  void Rehash(std::size_t capacity);
  void ShrinkPool();

  std::vector<Slot> slots_;  // its size is zero or a power of two
  std::vector<Counted> pool_;
  std::vector<Place> free_;  // places of the pool
  Ring<Place> order_;        // oldest first
  std::size_t distinct_ = 0;
};

}  // namespace auditflow::correlate
