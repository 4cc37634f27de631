#include "src/correlate/distinct_window.hpp"

#include <algorithm>
#include <utility>

#include "src/core/seeded_hash.hpp"

namespace auditflow::correlate {

void DistinctWindow::Add(std::string_view value) {
  if ((distinct_ + 1) * 4 > slots_.size() * 3) Rehash(slots_.empty() ? 8 : slots_.size() * 2);
  const auto hash = static_cast<std::uint32_t>(SeededHash(value));
  Slot& slot = slots_[FindSlot(value, hash)];
  if (slot.place == kNone) {
    slot = {hash, NewPlace()};
    Counted& counted = pool_[slot.place];
    counted.value.assign(value);
    counted.hash = hash;
    counted.count = 0;
    ++distinct_;
  }
  ++pool_[slot.place].count;
  order_.push_back(slot.place);
}

void DistinctWindow::RemoveOldest() {
  // In a large window what comes next is in no cache by now.
  constexpr std::size_t kAhead = 4;
  if (order_.size() > kAhead) __builtin_prefetch(&pool_[order_[kAhead]], 1);
  const Place oldest = order_.front();
  order_.pop_front();
  Counted& counted = pool_[oldest];
  if (--counted.count == 0) {
    std::size_t at = counted.hash & mask();
    while (slots_[at].place != oldest) at = (at + 1) & mask();
    EraseSlot(at);
    free_.push_back(oldest);
    --distinct_;
    if (slots_.size() > kSmall && distinct_ < slots_.size() / 8) Rehash(slots_.size() / 2);
  }
  if (pool_.size() > kSmall && order_.size() < pool_.size() / 8) ShrinkPool();
}

/// The value's slot, or the free one where it belongs.
std::size_t DistinctWindow::FindSlot(std::string_view value, std::uint32_t hash) const {
  std::size_t at = hash & mask();
  while (slots_[at].place != kNone &&
         (slots_[at].hash != hash || pool_[slots_[at].place].value != value)) {
    at = (at + 1) & mask();
  }
  return at;
}

/// One that was used lately if there is one: its memory is in the cache.
DistinctWindow::Place DistinctWindow::NewPlace() {
  if (free_.empty()) {
    pool_.emplace_back();
    return static_cast<Place>(pool_.size() - 1);
  }
  const Place place = free_.back();
  free_.pop_back();
  return place;
}

/// Moves back what the hole would cut off from its home, so that no tombstones are needed.
void DistinctWindow::EraseSlot(std::size_t hole) {
  for (std::size_t at = (hole + 1) & mask(); slots_[at].place != kNone; at = (at + 1) & mask()) {
    const std::size_t home = slots_[at].hash & mask();
    if (((at - home) & mask()) >= ((at - hole) & mask())) {
      slots_[hole] = slots_[at];
      hole = at;
    }
  }
  slots_[hole] = {};
}

void DistinctWindow::Rehash(std::size_t capacity) {
  std::vector<Slot> old(capacity);
  old.swap(slots_);
  for (const Slot& slot : old) {
    if (slot.place == kNone) continue;
    std::size_t at = slot.hash & mask();
    while (slots_[at].place != kNone) at = (at + 1) & mask();
    slots_[at] = slot;
  }
}

/// Builds everything anew from the values that are left: as many steps as an eighth of those that
/// have gone since the pool was this large.
void DistinctWindow::ShrinkPool() {
  DistinctWindow smaller;
  for (std::size_t i = 0; i < order_.size(); ++i) smaller.Add(pool_[order_[i]].value);
  *this = std::move(smaller);
}

}  // namespace auditflow::correlate
