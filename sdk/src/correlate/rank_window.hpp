#pragma once

#include <cstddef>

#include "src/correlate/sorted_blocks.hpp"

namespace auditflow::correlate {

/// A multiset of numbers that knows its percentile. O(log n) per change; reading it is O(1) as long
/// as the size changes by one at a time, because the rank does so, too.
class RankWindow {
 public:
  /// `percentile` in [0, 100].
  explicit RankWindow(double percentile) : percentile_(percentile) {}

  void Add(double value) { numbers_.Insert(value); }
  /// Requires that `value` is in it.
  void Remove(double value) { numbers_.Erase(value); }
  [[nodiscard]] std::size_t size() const { return numbers_.size(); }
  /// The nearest-rank percentile: the smallest number with at least ⌈size · percentile / 100⌉ (at
  /// least one) numbers up to it. Requires that it is not empty.
  [[nodiscard]] double Percentile() const;
  /// The middle, or the mean of the two in the middle. Requires the same.
  [[nodiscard]] double Median() const;

 private:
  double percentile_;
  SortedBlocks numbers_;
};

}  // namespace auditflow::correlate
