#include "src/match/needle_table.hpp"

#include <algorithm>
#include <bit>
#include <unordered_map>

namespace auditflow::match {
namespace {

/// How often each gram stands in the needles themselves: event text is made of the same paths and
/// words, so this tells which gram of a needle is the least likely to turn up without it.
class GramCounts {
 public:
  explicit GramCounts(const std::vector<Needle>& needles) {
    for (const Needle& needle : needles) {
      for (std::size_t i = 0; i + 4 <= needle.text.size(); ++i) ++counts_[Gram(needle.text, i)];
    }
  }

  [[nodiscard]] std::uint32_t RarestOffset(std::string_view text) const {
    std::uint32_t best = 0;
    for (std::uint32_t i = 1; i + 4 <= text.size(); ++i) {
      if (counts_.at(Gram(text, i)) < counts_.at(Gram(text, best))) best = i;
    }
    return best;
  }

 private:
  static std::uint32_t Gram(std::string_view text, std::size_t at) {
    std::uint32_t gram;
    std::memcpy(&gram, text.data() + at, sizeof gram);
    return gram;
  }
  std::unordered_map<std::uint32_t, std::uint32_t> counts_;
};

/// log2 of a table size that leaves `load` times as many places as entries.
unsigned TableBits(std::size_t entries, std::size_t load, unsigned least, unsigned most) {
  return std::clamp(static_cast<unsigned>(std::bit_width(entries * load)), least, most);
}

}  // namespace

NeedleTable::NeedleTable(const std::vector<Needle>& needles) {
  const GramCounts counts(needles);
  std::vector<Entry> grams;
  std::vector<Entry> shorts;
  for (const Needle& needle : needles) {
    Entry entry = Store(needle);
    if (needle.text.size() < kGram) {
      shorts.push_back(entry);
    } else {
      entry.gram_offset = counts.RarestOffset(needle.text);
      grams.push_back(entry);
    }
  }
  texts_.shrink_to_fit();
  if (!grams.empty()) BuildGrams(std::move(grams));
  if (!shorts.empty()) BuildShort(std::move(shorts));
}

NeedleTable::Entry NeedleTable::Store(const Needle& needle) {
  Entry entry;
  entry.text_begin = static_cast<std::uint32_t>(texts_.size());
  entry.length = static_cast<std::uint32_t>(needle.text.size());
  entry.target = needle.target;
  entry.at_start = needle.at_start;
  entry.at_end = needle.at_end;
  texts_ += needle.text;
  return entry;
}

void NeedleTable::BuildGrams(std::vector<Entry> entries) {
  const auto gram_of = [this](const Entry& entry) {
    return Load(texts_.data() + entry.text_begin + entry.gram_offset);
  };
  std::stable_sort(entries.begin(), entries.end(),
                   [&](const Entry& a, const Entry& b) { return gram_of(a) < gram_of(b); });
  // 16 bits a needle keep chance hits near one in sixteen; 2^17 bits still share the first-level
  // cache with the text.
  const unsigned bitmap_bits = TableBits(entries.size(), 16, 6, 17);
  const unsigned slot_bits = TableBits(entries.size(), 2, 1, 31);
  bitmap_.assign(std::size_t{1} << (bitmap_bits - 6), 0);
  bitmap_shift_ = 32 - bitmap_bits;
  slots_.assign(std::size_t{1} << slot_bits, Slot{});
  slot_shift_ = 32 - slot_bits;
  slot_mask_ = static_cast<std::uint32_t>(slots_.size() - 1);
  entries_ = std::move(entries);
  for (std::uint32_t begin = 0; begin < entries_.size();) {
    const std::uint32_t gram = gram_of(entries_[begin]);
    std::uint32_t end = begin;
    while (end < entries_.size() && gram_of(entries_[end]) == gram) ++end;
    const std::uint32_t bit = Hash(gram) >> bitmap_shift_;
    bitmap_[bit >> 6U] |= std::uint64_t{1} << (bit & 63U);
    std::uint32_t s = Hash(gram) >> slot_shift_;
    while (slots_[s].begin != slots_[s].end) s = (s + 1) & slot_mask_;
    slots_[s] = Slot{gram, begin, end};
    begin = end;
  }
}

void NeedleTable::BuildShort(std::vector<Entry> entries) {
  const auto first = [this](const Entry& entry) {
    return static_cast<std::uint8_t>(texts_[entry.text_begin]);
  };
  std::stable_sort(entries.begin(), entries.end(),
                   [&](const Entry& a, const Entry& b) { return first(a) < first(b); });
  const auto base = static_cast<std::uint32_t>(entries_.size());
  short_begin_.assign(257, base);
  for (const Entry& entry : entries) ++short_begin_[first(entry) + 1U];
  for (std::size_t byte = 1; byte < short_begin_.size(); ++byte) {
    short_begin_[byte] += short_begin_[byte - 1] - base;
  }
  entries_.insert(entries_.end(), entries.begin(), entries.end());
  has_short_ = true;
}

}  // namespace auditflow::match
