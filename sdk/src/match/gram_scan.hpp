#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "src/match/filed_needles.hpp"
#include "src/match/literal_counts.hpp"
#include "src/match/needle.hpp"

namespace auditflow::match {

/// Finds needles anywhere in a text by one gram of each: the grams of the text are looked up in a
/// bitmap that fits the first-level cache, and the few that pass among the needles filed there. So
/// a report is a decision and not a nomination.
///
/// The scan looks at every n-th position only, n as large as the shortest needle allows: each
/// needle is filed under the rarest gram of each remainder that its offsets leave when divided by
/// n.
///
/// Thread safety: immutable after construction.
template <class Gram>
class GramScan {
 public:
  GramScan() = default;
  /// Needles of at least `sizeof(Gram)` bytes. `ignored`: bits that are set in every gram.
  GramScan(std::span<const Needle* const> needles, const LiteralCounts& counts, Gram ignored = 0);

  [[nodiscard]] bool empty() const { return bitmap_.empty(); }

  /// What a scan with these needles costs for each byte of text, in units of one look; without any,
  /// nothing.
  static double CostPerByte(std::span<const Needle* const> needles, const LiteralCounts& counts);

  /// `kIgnoreAsciiCase`: for text whose ASCII letters may have either case; needs `ignored`.
  template <bool kIgnoreAsciiCase = false, class Found>
  void Scan(std::string_view text, Found& found) const {
    if (text.size() < sizeof(Gram)) return;
    // Locals, or the compiler reads them again after every report.
    const std::uint64_t* const bitmap = bitmap_.data();
    const std::uint32_t mask = mask_;
    const std::size_t stride = stride_;
    const char* const begin = text.data();
    const char* const last = begin + (text.size() - sizeof(Gram));
    ScanBudget budget(text.size());
    for (const char* at = begin; at <= last; at += stride) {
      Gram gram = LoadWord<Gram>(at);
      if constexpr (kIgnoreAsciiCase) gram |= ignored_;
      const std::uint32_t bit = Hash(gram) & mask;
      if ((bitmap[bit >> 6U] & (std::uint64_t{1} << (bit & 63U))) != 0) {
        filed_.template Report<kIgnoreAsciiCase>(gram, text, static_cast<std::size_t>(at - begin),
                                                 budget, found);
      }
    }
  }

 private:
  static constexpr unsigned kMostBits = 17;  ///< then the bitmap still shares the first-level cache

  /// Of up to kMostBits bits.
  static std::uint32_t Hash(Gram gram) {
    return static_cast<std::uint32_t>(gram) * 0x9E3779B1U >> (32 - kMostBits);
  }
  static std::uint32_t StrideFor(std::span<const Needle* const> needles);

  std::vector<std::uint64_t> bitmap_;
  std::uint32_t mask_ = 0;
  std::size_t stride_ = 1;
  Gram ignored_ = 0;
  FiledNeedles filed_;
};

extern template class GramScan<std::uint32_t>;
extern template class GramScan<std::uint16_t>;

}  // namespace auditflow::match
