#pragma once

#include <cstddef>
#include <vector>

namespace auditflow::correlate {

/// A multiset of numbers in ascending order that can be read by rank.
///
/// The numbers lie in blocks of at most `kBlock`, each a sorted array; the largest number of each
/// block is in an array of its own. A change is two binary searches in contiguous memory and a
/// short move within one block: a tree of nodes makes as many comparisons, but each at another
/// place of memory. Blocks split when they are full and merge when they and a neighbour are nearly
/// empty. With n numbers a split moves n / kBlock descriptors and comes at most once in kBlock / 2
/// changes, so that a change costs O(log n) up to some 10^7 numbers.
///
/// Thread safety: thread-compatible.
class SortedBlocks {
 public:
  static constexpr std::size_t kBlock = 128;

  void Insert(double value);
  /// Requires that `value` is in it.
  void Erase(double value);
  [[nodiscard]] std::size_t size() const { return size_; }
  /// The number of a rank, 0 for the smallest; requires that there is one. O(1) if the rank is near
  /// the one of the last call, else the number of blocks between them.
  [[nodiscard]] double At(std::size_t rank) const;

 private:
  using Block = std::vector<double>;

  [[nodiscard]] std::size_t BlockOf(double value) const;
  void Split(std::size_t block);
  void Shrink(std::size_t block);
  [[nodiscard]] bool CanMerge(std::size_t block) const;
  void MergeWithNext(std::size_t block);

  std::vector<Block> blocks_;    // none is empty unless it is the only one
  std::vector<double> largest_;  // of each block
  std::size_t size_ = 0;
  // Where `At` was last.
  mutable std::size_t at_ = 0;      // a block
  mutable std::size_t before_ = 0;  // how many numbers the blocks before it hold
};

}  // namespace auditflow::correlate
