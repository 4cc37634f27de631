#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "src/core/bytes.hpp"

namespace auditflow::match {

/// How often each short run of bytes stands in the literals of all rules: the text of events is
/// made of the same paths and words, so this tells which run of a needle is the least likely to
/// turn up without it.
///
/// Pairs are counted. A longer run is as likely as its pairs make it, one after the other (a Markov
/// chain of the first order): most runs of three or four bytes stand in no literal, or in one, and
/// their own counts would tell little. Those of four that are common count by themselves, too.
///
/// Thread safety: thread-compatible.
class LiteralCounts {
 public:
  void Add(std::string_view text) {
    for (std::size_t at = 0; at + sizeof(Pair) <= text.size(); ++at) {
      ++pairs_[LoadWord<Pair>(text.data() + at)];
      ++firsts_[static_cast<unsigned char>(text[at])];
    }
    for (std::size_t at = 0; at + sizeof(Four) <= text.size(); ++at) {
      ++fours_[LoadWord<Four>(text.data() + at)];
    }
    if (text.size() >= sizeof(Pair)) all_pairs_ += text.size() - 1;
    if (text.size() >= sizeof(Four)) all_fours_ += text.size() - 3;
  }

  /// The share that a run of two bytes or more is likely to have in all of that length.
  [[nodiscard]] double ShareOf(std::string_view run) const {
    if (all_pairs_ == 0) return 0;
    double share = CountOfPair(run.data()) / static_cast<double>(all_pairs_);
    for (std::size_t at = 1; at + sizeof(Pair) <= run.size(); ++at) {
      const double firsts = firsts_[static_cast<unsigned char>(run[at])];
      if (firsts == 0) return 0;
      share *= CountOfPair(run.data() + at) / firsts;
    }
    if (run.size() != sizeof(Four) || all_fours_ == 0) return share;
    const auto found = fours_.find(LoadWord<Four>(run.data()));
    if (found == fours_.end()) return share;
    return std::max(share, found->second / static_cast<double>(all_fours_));
  }

  /// Of the offsets first, first + stride, … of a text the one of the rarest run of `size` bytes.
  [[nodiscard]] std::uint32_t RarestOffset(std::string_view text, std::size_t size,
                                           std::uint32_t first = 0,
                                           std::uint32_t stride = 1) const {
    std::uint32_t best = first;
    double best_share = ShareOf(text.substr(first, size));
    for (std::uint32_t at = first + stride; at + size <= text.size(); at += stride) {
      const double share = ShareOf(text.substr(at, size));
      if (share >= best_share) continue;
      best = at;
      best_share = share;
    }
    return best;
  }

 private:
  using Pair = std::uint16_t;
  using Four = std::uint32_t;

  [[nodiscard]] double CountOfPair(const char* at) const { return pairs_[LoadWord<Pair>(at)]; }

  std::vector<std::uint32_t> pairs_ = std::vector<std::uint32_t>(std::size_t{1} << 16U);
  std::array<std::uint32_t, 256> firsts_{};  ///< bytes that another one follows
  std::unordered_map<Four, std::uint32_t> fours_;
  std::uint64_t all_pairs_ = 0;
  std::uint64_t all_fours_ = 0;
};

}  // namespace auditflow::match
