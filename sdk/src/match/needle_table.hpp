#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace auditflow::match {

/// A literal to look for in one field's value, and what to do when it is there.
struct Needle {
  std::string text;       ///< not empty; folded unless the table is for cased text
  bool at_start = false;  ///< only at the value's first byte
  bool at_end = false;    ///< only up to the value's last byte
  std::uint32_t target = 0;
};

/// Finds every occurrence of thousands of literals in one pass over a value.
///
/// Each needle of four or more bytes is filed under its rarest 4-gram. The scan hashes the four
/// bytes at each position into a bitmap that fits the first-level cache; the few positions that
/// pass look their gram up and compare the needles filed there byte for byte, so a report is a
/// decision and not a nomination. Needles of up to three bytes have a table of their own by first
/// byte, scanned only where there are any.
///
/// Thread safety: immutable after construction.
class NeedleTable {
 public:
  NeedleTable() = default;
  explicit NeedleTable(const std::vector<Needle>& needles);

  [[nodiscard]] bool empty() const { return entries_.empty(); }

  /// Calls `found(target)` for each occurrence; one target may be reported several times.
  template <class Found>
  void Scan(std::string_view text, Found&& found) const {
    if (!bitmap_.empty() && text.size() >= kGram) ScanGrams(text, found);
    if (has_short_) ScanShort(text, found);
  }

 private:
  static constexpr std::size_t kGram = 4;

  struct Entry {
    std::uint32_t text_begin = 0;  ///< into texts_
    std::uint32_t length = 0;
    std::uint32_t gram_offset = 0;
    std::uint32_t target = 0;
    bool at_start = false;
    bool at_end = false;
  };
  struct Slot {
    std::uint32_t gram = 0;
    std::uint32_t begin = 0;  ///< into entries_
    std::uint32_t end = 0;    ///< begin == end: free
  };

  static std::uint32_t Load(const char* at) {
    std::uint32_t gram;
    std::memcpy(&gram, at, sizeof gram);
    return gram;
  }
  static std::uint32_t Hash(std::uint32_t gram) { return gram * 0x9E3779B1U; }

  template <class Found>
  void ScanGrams(std::string_view text, Found& found) const {
    const char* const begin = text.data();
    const char* const last = begin + (text.size() - kGram);
    for (const char* at = begin; at <= last; ++at) {
      const std::uint32_t gram = Load(at);
      const std::uint32_t bit = Hash(gram) >> bitmap_shift_;
      if ((bitmap_[bit >> 6U] >> (bit & 63U)) & 1U) {
        CompareAt(text, static_cast<std::size_t>(at - begin), gram, found);
      }
    }
  }

  template <class Found>
  void CompareAt(std::string_view text, std::size_t position, std::uint32_t gram,
                 Found& found) const {
    for (std::uint32_t s = Hash(gram) >> slot_shift_;; s = (s + 1) & slot_mask_) {
      const Slot& slot = slots_[s];
      if (slot.begin == slot.end) return;
      if (slot.gram != gram) continue;
      for (std::uint32_t e = slot.begin; e < slot.end; ++e) {
        if (IsAt(text, position, entries_[e])) found(entries_[e].target);
      }
      return;
    }
  }

  /// Whether the entry stands in the text so that its gram is at `position`.
  [[nodiscard]] bool IsAt(std::string_view text, std::size_t position, const Entry& entry) const {
    const std::size_t start = position - entry.gram_offset;
    if (position < entry.gram_offset || start + entry.length > text.size()) return false;
    if (entry.at_start && start != 0) return false;
    if (entry.at_end && start + entry.length != text.size()) return false;
    return std::memcmp(text.data() + start, texts_.data() + entry.text_begin, entry.length) == 0;
  }

  template <class Found>
  void ScanShort(std::string_view text, Found& found) const {
    for (std::size_t at = 0; at < text.size(); ++at) {
      const auto byte = static_cast<std::uint8_t>(text[at]);
      for (std::uint32_t e = short_begin_[byte]; e < short_begin_[byte + 1U]; ++e) {
        if (IsAt(text, at, entries_[e])) found(entries_[e].target);
      }
    }
  }

  void BuildGrams(std::vector<Entry> entries);
  void BuildShort(std::vector<Entry> entries);
  [[nodiscard]] Entry Store(const Needle& needle);

  std::string texts_;
  std::vector<Entry> entries_;
  std::vector<std::uint64_t> bitmap_;
  std::vector<Slot> slots_;
  std::uint32_t bitmap_shift_ = 0;
  std::uint32_t slot_shift_ = 0;
  std::uint32_t slot_mask_ = 0;
  bool has_short_ = false;
  std::vector<std::uint32_t> short_begin_;  ///< by first byte, 257 entries
};

}  // namespace auditflow::match
