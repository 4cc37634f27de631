#include "src/correlate/sorted_blocks.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace auditflow::correlate {
namespace {

constexpr std::size_t kSmall = 32;  // numbers for which memory is not given back

/// The first place whose number is not less than `value`. Without branches on the comparison, half
/// of which would be mispredicted.
std::size_t LowerBound(const std::vector<double>& sorted, double value) {
  const double* base = sorted.data();
  std::size_t left = sorted.size();
  while (left > 1) {
    const std::size_t half = left / 2;
    base += base[half - 1] < value ? half : 0;
    left -= half;
  }
  const auto place = static_cast<std::size_t>(base - sorted.data());
  return left == 1 && *base < value ? place + 1 : place;
}

template <class T>
auto Iterator(std::vector<T>& items, std::size_t at) {
  return items.begin() + static_cast<std::ptrdiff_t>(at);
}

}  // namespace

void SortedBlocks::Insert(double value) {
  if (blocks_.empty()) {
    blocks_.emplace_back();
    largest_.push_back(value);
  }
  const std::size_t at = BlockOf(value);
  Block& block = blocks_[at];
  block.insert(Iterator(block, LowerBound(block, value)), value);
  largest_[at] = block.back();
  ++size_;
  if (at < at_) ++before_;
  if (block.size() == kBlock) Split(at);
}

void SortedBlocks::Erase(double value) {
  const std::size_t at = BlockOf(value);
  Block& block = blocks_[at];
  block.erase(Iterator(block, LowerBound(block, value)));
  if (!block.empty()) largest_[at] = block.back();
  --size_;
  if (at < at_) --before_;
  if (block.size() < kBlock / 4) Shrink(at);
}

double SortedBlocks::At(std::size_t rank) const {
  while (rank < before_) before_ -= blocks_[--at_].size();
  while (rank - before_ >= blocks_[at_].size()) before_ += blocks_[at_++].size();
  return blocks_[at_][rank - before_];
}

/// The block that holds `value` if any does, and may take it up.
std::size_t SortedBlocks::BlockOf(double value) const {
  return std::min(LowerBound(largest_, value), blocks_.size() - 1);
}

void SortedBlocks::Split(std::size_t block) {
  Block upper;
  upper.reserve(kBlock);
  Block& lower = blocks_[block];
  upper.assign(Iterator(lower, kBlock / 2), lower.end());
  lower.resize(kBlock / 2);
  largest_.insert(Iterator(largest_, block), lower.back());
  blocks_.insert(Iterator(blocks_, block + 1), std::move(upper));
  if (at_ > block) ++at_;
}

/// Merges a block that has become nearly empty with a neighbour, so that of two neighbours one at
/// least is a quarter full, or gives back its memory.
void SortedBlocks::Shrink(std::size_t block) {
  if (CanMerge(block)) return MergeWithNext(block);
  if (block > 0 && CanMerge(block - 1)) return MergeWithNext(block - 1);
  Block& only = blocks_[block];
  if (only.capacity() <= kSmall || only.size() > only.capacity() / 8) return;
  Block smaller;
  smaller.reserve(only.capacity() / 4);
  smaller.assign(only.begin(), only.end());
  only = std::move(smaller);
}

bool SortedBlocks::CanMerge(std::size_t block) const {
  if (block + 1 >= blocks_.size()) return false;
  const std::size_t one = blocks_[block].size();
  const std::size_t other = blocks_[block + 1].size();
  // Not up to the brim: the next number would split them again.
  return one == 0 || other == 0 || one + other <= kBlock / 4 * 3;
}

void SortedBlocks::MergeWithNext(std::size_t block) {
  Block& lower = blocks_[block];
  const Block& upper = blocks_[block + 1];
  if (at_ == block + 1) before_ -= lower.size();
  if (at_ > block) --at_;
  lower.insert(lower.end(), upper.begin(), upper.end());
  blocks_.erase(Iterator(blocks_, block + 1));
  largest_.erase(Iterator(largest_, block + 1));
  largest_[block] = lower.back();
}

}  // namespace auditflow::correlate
