#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include "src/core/avx2.hpp"
#include "src/match/filed_needles.hpp"
#include "src/match/literal_counts.hpp"
#include "src/match/needle.hpp"

namespace auditflow::match {

/// Finds some tens of literals by looking at 32 places of a text at once: whether three bytes of
/// one of them stand there.
///
/// Each literal has one of eight bits; for each of its three bytes a table by the byte's upper half
/// and one by its lower half tell whose it could be, and what all six tables agree on may be there
/// and is compared in full. Looking up in such a table is one instruction for 32 bytes
/// (the method is known as Teddy, from Hyperscan).
///
/// Thread safety: immutable after construction.
class ShuffleScan {
 public:
  static constexpr std::size_t kMostNeedles = 24;  ///< more crowd the tables
  static constexpr std::size_t kShortestNeedle = 3;

  /// Whether this machine has the instruction.
  static bool IsSupported() { return HasAvx2(); }
  /// Whether it has, and the needles are few and long enough.
  static bool Takes(std::span<const Needle* const> needles);
  /// What a scan with these needles costs for each byte of text, in the unit of `GramScan`.
  static double CostPerByte(std::span<const Needle* const> needles, const LiteralCounts& counts);

  ShuffleScan() = default;
  /// Requires a machine that has it, and at most `kMostNeedles` of at least `kShortestNeedle`
  /// bytes. `ignored`: bits that are set in every byte.
  ShuffleScan(std::span<const Needle* const> needles, const LiteralCounts& counts,
              std::uint8_t ignored = 0);

  [[nodiscard]] bool empty() const { return is_empty_; }

  /// `kIgnoreAsciiCase`: for text whose ASCII letters may have either case; needs `ignored`.
  template <bool kIgnoreAsciiCase = false, class Found>
  void Scan(std::string_view text, Found& found) const {
    Places places;
    ScanBudget budget(text.size());
    for (std::size_t at = 0; at < text.size();) {
      at = Collect(text, at, places);
      for (std::size_t i = 0; i < places.count; ++i) {
        const std::size_t position = places.positions[i];
        filed_.template Report<kIgnoreAsciiCase>(GramAt(text.data() + position), text, position,
                                                 budget, found);
      }
    }
  }

 private:
  static constexpr std::size_t kWidth = 32;
  static constexpr std::size_t kGram = 3;

  /// Where a literal's three bytes may stand.
  struct Places {
    std::array<std::size_t, 2 * kWidth> positions;
    std::size_t count = 0;

    [[nodiscard]] bool HasRoom() const { return count <= kWidth; }
    void Add(std::size_t block, std::uint32_t bits) {
      for (; bits != 0; bits &= bits - 1) {
        positions[count++] = block + static_cast<unsigned>(std::countr_zero(bits));
      }
    }
  };

  /// Those whose last byte is at `at` or behind it, as many as there is room for. `at`: 0, or what
  /// was returned. @return how far it has looked.
  std::size_t Collect(std::string_view text, std::size_t at, Places& places) const;
  std::size_t CollectWhole(const char* text, std::size_t at, std::size_t end, Places& places) const;

  [[nodiscard]] std::uint32_t GramAt(const char* at) const {
    std::uint32_t gram = 0;
    std::memcpy(&gram, at, kGram);
    return gram | ignored_gram_;
  }

  using Table = std::array<std::uint8_t, 16>;

  bool is_empty_ = true;
  std::uint8_t ignored_ = 0;
  std::uint32_t ignored_gram_ = 0;
  std::array<Table, kGram> by_lower_half_{};
  std::array<Table, kGram> by_upper_half_{};
  FiledNeedles filed_;
};

}  // namespace auditflow::match
