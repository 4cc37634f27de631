#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "src/match/needle.hpp"
#include "src/match/word_slots.hpp"

namespace auditflow::match {

/// Finds thousands of literals in one look at a value.
///
/// - A needle of four or more bytes is filed under its rarest 4-gram. The scan hashes the four
///   bytes at each position into a bitmap that fits the first-level cache; the few positions that
///   pass look their gram up and compare the needles filed there, so a report is a decision and not
///   a nomination. If all needles are long, the scan looks at every n-th position only: each needle
///   is then filed under the rarest gram of each remainder that its offsets leave when divided by n.
/// - A needle that has to start or end the value is filed under the first or last bytes of it
///   instead, and costs one look-up for the value.
/// - Needles of one to three bytes are filed under their first two bytes and scanned for only where
/// there are any.
///
/// Thread safety: immutable after construction.
class NeedleTable {
 public:
  NeedleTable() = default;
  /// For text that is in the needles' form.
  explicit NeedleTable(const std::vector<Needle>& needles);
  /// For text of which ASCII letters may have either case, others the needles' form.
  /// `needles`: folded, of at least four bytes, anywhere in the text.
  static NeedleTable IgnoringAsciiCase(const std::vector<Needle>& needles);

  [[nodiscard]] bool empty() const { return empty_; }

  /// Calls `found(target)` for each occurrence; one target may be reported several times.
  template <class Found>
  void Scan(std::string_view text, Found&& found) const {
    if (!bitmap_.empty() && text.size() >= kGram) {
      ignores_case_ ? ScanGrams<kCaseBits>(text, found) : ScanGrams<0>(text, found);
    }
    if (!pair_bits_.empty()) ScanPairs(text, found);
    for (const Ends& heads : heads_) {
      if (text.size() >= heads.width) LookUp(heads, text, 0, found);
    }
    for (const Ends& tails : tails_) {
      if (text.size() >= tails.width) LookUp(tails, text, text.size() - tails.width, found);
    }
    for (const SingleByte& single : single_bytes_) {
      if (text.find(single.byte) != std::string_view::npos) found(single.target);
    }
  }

 private:
  static constexpr std::size_t kGram = 4;
  static constexpr std::uint32_t kCaseBits = 0x20202020;
  static constexpr unsigned kMostBits = 17;  ///< then the bitmap still shares the first-level cache

  struct Entry {
    NeedleText needle;
    std::uint32_t word_offset = 0;  ///< of the word it is filed under
    std::uint32_t target = 0;
    bool at_start = false;
    bool at_end = false;
  };

  /// Needles by one word of each.
  struct Filed {
    WordSlots slots;
    std::vector<Entry> entries;  ///< those of one word side by side
  };
  /// Needles that start or end the value, by their first or last `width` bytes.
  struct Ends {
    std::size_t width = 0;
    Filed filed;
  };
  struct SingleByte {
    char byte = 0;
    std::uint32_t target = 0;
  };

  /// Of up to kMostBits bits.
  static std::uint32_t Hash(std::uint32_t gram) { return gram * 0x9E3779B1U >> (32 - kMostBits); }

  static std::uint64_t WordAt(std::string_view text, std::size_t at, std::size_t width) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + at, width);
    return word;
  }

  /// `kIgnored`: bits that are set in every gram before it is looked at.
  template <std::uint32_t kIgnored, class Found>
  void ScanGrams(std::string_view text, Found& found) const {
    // Locals, or the compiler reads them again after every report.
    const std::uint64_t* const bitmap = bitmap_.data();
    const std::uint32_t mask = bitmap_mask_;
    const char* const begin = text.data();
    const char* const last = begin + (text.size() - kGram);
    const std::size_t stride = stride_;
    for (const char* at = begin; at <= last; at += stride) {
      const std::uint32_t gram = LoadWord<std::uint32_t>(at) | kIgnored;
      const std::uint32_t bit = Hash(gram) & mask;
      if ((bitmap[bit >> 6U] & (std::uint64_t{1} << (bit & 63U))) != 0) {
        ReportAll(grams_, gram, text, static_cast<std::size_t>(at - begin), found);
      }
    }
  }

  template <class Found>
  void ScanPairs(std::string_view text, Found& found) const {
    const std::uint64_t* const pair_bits = pair_bits_.data();
    for (std::size_t at = 0; at + 2 <= text.size(); ++at) {
      const auto pair = LoadWord<std::uint16_t>(text.data() + at);
      if ((pair_bits[pair >> 6U] & (std::uint64_t{1} << (pair & 63U))) != 0) {
        ReportAll(pairs_, pair, text, at, found);
      }
    }
  }

  template <class Found>
  void LookUp(const Ends& ends, std::string_view text, std::size_t at, Found& found) const {
    ReportAll(ends.filed, WordAt(text, at, ends.width), text, at, found);
  }

  template <class Found>
  void ReportAll(const Filed& filed, std::uint64_t word, std::string_view text,
                 std::size_t position, Found& found) const {
    const auto [begin, end] = filed.slots.Find(word);
    for (std::uint32_t e = begin; e < end; ++e) {
      if (IsAt(filed.entries[e], text, position)) found(filed.entries[e].target);
    }
  }

  /// Whether the entry stands in the text so that its word is at `position`.
  [[nodiscard]] bool IsAt(const Entry& entry, std::string_view text,
                          std::size_t position) const {
    const std::size_t start = position - entry.word_offset;
    if (position < entry.word_offset || start + entry.needle.size() > text.size()) return false;
    if (entry.at_start && start != 0) return false;
    if (entry.at_end && start + entry.needle.size() != text.size()) return false;
    const char* const at = text.data() + start;
    return ignores_case_ ? entry.needle.EqualsFoldedAt(at) : entry.needle.EqualsAt(at);
  }

  static Filed File(std::vector<std::pair<std::uint64_t, Entry>> entries);
  static Ends FileEnds(const std::vector<Needle>& needles, std::size_t width, bool at_start);
  void BuildGrams(const std::vector<Needle>& needles);
  void BuildPairs(const std::vector<Needle>& needles);

  bool empty_ = true;
  bool ignores_case_ = false;
  std::vector<std::uint64_t> bitmap_;
  std::uint32_t bitmap_mask_ = 0;
  std::size_t stride_ = 1;  ///< of the positions at which grams are looked at
  Filed grams_;
  std::vector<std::uint64_t> pair_bits_;
  Filed pairs_;
  std::vector<Ends> heads_;
  std::vector<Ends> tails_;
  std::vector<SingleByte> single_bytes_;
};

}  // namespace auditflow::match
