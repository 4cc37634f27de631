#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "src/match/needle.hpp"
#include "src/match/word_slots.hpp"

namespace auditflow::match {

/// What the dear needles of a `FiledNeedles` may cost in one scan: in comparisons, or parts of long
/// ones. A text made of one letter has the words of such needles at every byte.
class ScanBudget {
 public:
  explicit ScanBudget(std::size_t text_size) : left_(kLeast + kForEachByte * text_size) {}

  /// Once more than that was spent, the dear needles have been looked for in another way.
  [[nodiscard]] bool is_spent() const { return left_ == 0; }
  /// @return false if the rest is not enough; then it is spent.
  bool Pay(std::size_t cost) {
    const bool is_enough = cost < left_;
    left_ = is_enough ? left_ - cost : 0;
    return is_enough;
  }

 private:
  static constexpr std::size_t kLeast = 4096;  ///< ordinary values never come near
  static constexpr std::size_t kForEachByte = 4;

  std::size_t left_;
};

/// Needles by one word of each, which the text was found to hold.
///
/// Looking at one position costs as much as there are needles under the word there, and as they are
/// long: the product of needles and text, or worse, for a text of one letter. So needles that are
/// long or share their word with many are *dear*: within one scan a budget, linear in the text,
/// pays for them, and when it is spent each of them is searched for once in the whole text.
///
/// Thread safety: immutable after construction.
class FiledNeedles {
 public:
  /// One needle under the word that stands `offset` bytes behind its start.
  struct Entry {
    std::uint64_t word = 0;
    std::uint32_t offset = 0;
    const Needle* needle = nullptr;
  };

  FiledNeedles() = default;
  explicit FiledNeedles(std::vector<Entry> entries);

  /// Calls `found(target)` for each needle under `word` that stands in the text so that the word is
  /// at `position`. `kIgnoreAsciiCase`: letters of the text may have either case.
  template <bool kIgnoreAsciiCase = false, class Found>
  void Report(std::uint64_t word, std::string_view text, std::size_t position, Found& found) const {
    const auto [begin, end] = slots_.Find(word);
    for (std::uint32_t e = begin; e < end; ++e) {
      const Filed& filed = filed_[e];
      if (!filed.FitsAt(text, position)) continue;
      const char* const at = text.data() + (position - filed.offset);
      if (kIgnoreAsciiCase ? filed.text.EqualsFoldedAt(at) : filed.text.EqualsAt(at)) {
        found(filed.target);
      }
    }
  }
  /// The same at many positions of one text, within a budget for all of them. Of needles that may
  /// stand anywhere.
  template <bool kIgnoreAsciiCase = false, class Found>
  void Report(std::uint64_t word, std::string_view text, std::size_t position, ScanBudget& budget,
              Found& found) const {
    const auto [begin, end] = slots_.Find(word);
    if (end - begin > kMostOfOneWord && !Pay<kIgnoreAsciiCase>(end - begin, text, budget, found)) {
      return;
    }
    for (std::uint32_t e = begin; e < end; ++e) {
      const Filed& filed = filed_[e];
      if (!filed.FitsAt(text, position)) continue;
      const char* const at = text.data() + (position - filed.offset);
      if (!kIgnoreAsciiCase && !filed.text.EndsEqualAt(at)) continue;
      if (filed.text.size() > kLongest &&
          !Pay<kIgnoreAsciiCase>(filed.text.size() / kLongest, text, budget, found)) {
        continue;
      }
      if (kIgnoreAsciiCase ? filed.text.EqualsFoldedAt(at) : filed.text.MiddleEqualsAt(at)) {
        found(filed.target);
      }
    }
  }

 private:
  struct Filed {
    NeedleText text;
    std::uint32_t offset = 0;
    std::uint32_t target = 0;
    bool at_start = false;
    bool at_end = false;

    /// Whether there is room for it, with its word at `position`.
    [[nodiscard]] bool FitsAt(std::string_view whole, std::size_t position) const {
      const std::size_t start = position - offset;
      if (position < offset || start + text.size() > whole.size()) return false;
      return !(at_start && start != 0) && !(at_end && start + text.size() != whole.size());
    }
  };

  // Beyond these a needle is dear.
  static constexpr std::size_t kMostOfOneWord = 32;
  static constexpr std::size_t kLongest = 128;

  /// @return whether the budget was enough. When it is spent, all dear needles are reported that
  /// the text holds.
  template <bool kIgnoreAsciiCase, class Found>
  bool Pay(std::size_t cost, std::string_view text, ScanBudget& budget, Found& found) const {
    const bool was_spent = budget.is_spent();
    if (budget.Pay(cost)) return true;
    if (!was_spent) ReportDear(text, kIgnoreAsciiCase, found);
    return false;
  }
  /// Kept out of the loops that scan, which it would slow down.
  template <class Found>
  [[gnu::noinline, gnu::cold]] void ReportDear(std::string_view text, bool ignore_ascii_case,
                                               Found& found) const {
    for (const std::uint32_t target : DearIn(text, ignore_ascii_case)) found(target);
  }
  /// The targets of the dear needles that stand in the text.
  [[nodiscard]] std::vector<std::uint32_t> DearIn(std::string_view text,
                                                  bool ignore_ascii_case) const;

  [[nodiscard]] static std::vector<std::uint32_t> FindDear(const std::vector<Entry>& entries);

  WordSlots slots_;
  std::vector<Filed> filed_;         ///< those of one word side by side
  std::vector<std::uint32_t> dear_;  ///< into filed_, each needle once
};

}  // namespace auditflow::match
