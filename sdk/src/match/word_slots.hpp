#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <utility>
#include <vector>

namespace auditflow::match {

/// For each word the run of entries filed under it.
///
/// Thread safety: immutable once built.
class WordSlots {
 public:
  using Range = std::pair<std::uint32_t, std::uint32_t>;

  WordSlots() = default;
  /// `words`: the word of each entry, ascending.
  explicit WordSlots(const std::vector<std::uint64_t>& words) {
    const auto bits = std::max(1U, static_cast<unsigned>(std::bit_width(words.size() * 2)));
    slots_.resize(std::size_t{1} << bits);
    shift_ = 64 - bits;
    for (std::uint32_t begin = 0; begin < words.size();) {
      std::uint32_t end = begin + 1;
      while (end < words.size() && words[end] == words[begin]) ++end;
      slots_[FreeOrEqual(words[begin])] = {words[begin], begin, end};
      begin = end;
    }
  }

  [[nodiscard]] bool empty() const { return slots_.empty(); }

  /// An empty range if nothing is filed under the word. Requires a table that is not empty.
  [[nodiscard]] Range Find(std::uint64_t word) const {
    const Slot& slot = slots_[FreeOrEqual(word)];
    return {slot.begin, slot.end};
  }

 private:
  struct Slot {
    std::uint64_t word = 0;
    std::uint32_t begin = 0;
    std::uint32_t end = 0;  ///< begin == end: free
  };

  [[nodiscard]] std::size_t FreeOrEqual(std::uint64_t word) const {
    const std::size_t mask = slots_.size() - 1;
    std::size_t at = (word * 0x9E3779B97F4A7C15U) >> shift_;
    while (slots_[at].begin != slots_[at].end && slots_[at].word != word) at = (at + 1) & mask;
    return at;
  }

  std::vector<Slot> slots_;
  unsigned shift_ = 0;
};

}  // namespace auditflow::match
