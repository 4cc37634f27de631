#pragma once

#include <cstddef>
#include <set>

namespace auditflow::correlate {

/// A multiset of numbers that knows the element of one rank that follows its size: the lower part
/// holds the smallest ⌈size · percentile / 100⌉ (at least one) of them. O(log n) per change, O(1)
/// to read.
class RankWindow {
 public:
  /// `percentile` in [0, 100].
  explicit RankWindow(double percentile) : percentile_(percentile) {}

  void Add(double value);
  /// Requires that `value` is in it.
  void Remove(double value);
  [[nodiscard]] std::size_t size() const { return low_.size() + high_.size(); }
  /// The nearest-rank percentile. Requires that it is not empty.
  [[nodiscard]] double Percentile() const { return *low_.rbegin(); }
  /// With percentile 50: the middle, or the mean of the two in the middle. Requires the same.
  [[nodiscard]] double Median() const;

 private:
  void Balance();

  double percentile_;
  std::multiset<double> low_;
  std::multiset<double> high_;
};

}  // namespace auditflow::correlate
