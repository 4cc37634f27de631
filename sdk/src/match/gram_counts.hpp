#pragma once

#include <cstdint>
#include <string_view>
#include <unordered_map>

#include "src/match/needle.hpp"

namespace auditflow::match {

/// How often each run of `sizeof(Gram)` bytes stands in the literals of all rules: the text of
/// events is made of the same paths and words, so this tells which gram of a needle is the least
/// likely to turn up without it.
///
/// Thread safety: thread-compatible.
template <class Gram>
class GramCounts {
 public:
  void Add(std::string_view text) {
    for (std::size_t i = 0; i + sizeof(Gram) <= text.size(); ++i) {
      ++counts_[LoadWord<Gram>(text.data() + i)];
      ++total_;
    }
  }

  /// Of the offsets first, first + stride, … the one of the rarest gram.
  [[nodiscard]] std::uint32_t RarestOffset(std::string_view text, std::uint32_t first,
                                           std::uint32_t stride) const {
    std::uint32_t best = first;
    std::uint32_t best_count = CountAt(text, first);
    for (std::uint32_t i = first + stride; i + sizeof(Gram) <= text.size(); i += stride) {
      const std::uint32_t count = CountAt(text, i);
      if (count >= best_count) continue;
      best = i;
      best_count = count;
    }
    return best;
  }
  /// The share that the gram at `offset` has in all grams.
  [[nodiscard]] double ShareAt(std::string_view text, std::uint32_t offset) const {
    if (total_ == 0) return 0;
    return static_cast<double>(CountAt(text, offset)) / static_cast<double>(total_);
  }

 private:
  [[nodiscard]] std::uint32_t CountAt(std::string_view text, std::uint32_t offset) const {
    const auto found = counts_.find(LoadWord<Gram>(text.data() + offset));
    return found == counts_.end() ? 0 : found->second;
  }

  std::unordered_map<Gram, std::uint32_t> counts_;
  std::uint64_t total_ = 0;
};

/// The counts that a `NeedleTable` needs.
struct LiteralCounts {
  GramCounts<std::uint32_t> grams;
  GramCounts<std::uint16_t> pairs;

  void Add(std::string_view text) {
    grams.Add(text);
    pairs.Add(text);
  }
};

}  // namespace auditflow::match
