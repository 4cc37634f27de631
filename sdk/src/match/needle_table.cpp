#include "src/match/needle_table.hpp"

#include <algorithm>
#include <bit>
#include <map>
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

  /// Of the offsets first, first + stride, … the one of the rarest gram.
  [[nodiscard]] std::uint32_t RarestOffset(std::string_view text, std::uint32_t first,
                                           std::uint32_t stride) const {
    std::uint32_t best = first;
    for (std::uint32_t i = first; i + 4 <= text.size(); i += stride) {
      if (counts_.at(Gram(text, i)) < counts_.at(Gram(text, best))) best = i;
    }
    return best;
  }

 private:
  static std::uint32_t Gram(std::string_view text, std::size_t at) {
    return LoadWord<std::uint32_t>(text.data() + at);
  }
  std::unordered_map<std::uint32_t, std::uint32_t> counts_;
};

/// How many positions a scan can leave out and still meet a gram of each needle.
std::uint32_t StrideFor(const std::vector<Needle>& needles) {
  constexpr std::size_t kWidest = 8;  // beyond, the needles' grams crowd the bitmap
  std::size_t stride = kWidest;
  for (const Needle& needle : needles) stride = std::min(stride, needle.text.size() - 3);
  return static_cast<std::uint32_t>(stride);
}

/// The widest word that the needle fills.
std::size_t EndWidth(const Needle& needle) {
  return std::min<std::size_t>(8, std::bit_floor(needle.text.size()));
}

}  // namespace

NeedleTable::NeedleTable(const std::vector<Needle>& needles) : empty_(needles.empty()) {
  std::vector<Needle> long_ones;
  std::vector<Needle> short_ones;
  std::map<std::size_t, std::vector<Needle>> heads;
  std::map<std::size_t, std::vector<Needle>> tails;
  for (const Needle& needle : needles) {
    if (needle.at_end) {
      tails[EndWidth(needle)].push_back(needle);
    } else if (needle.at_start) {
      heads[EndWidth(needle)].push_back(needle);
    } else if (needle.text.size() >= kGram) {
      long_ones.push_back(needle);
    } else if (needle.text.size() >= 2) {
      short_ones.push_back(needle);
    } else {
      single_bytes_.push_back({needle.text[0], needle.target});
    }
  }
  if (!long_ones.empty()) BuildGrams(long_ones);
  if (!short_ones.empty()) BuildPairs(short_ones);
  for (const auto& [width, starting] : heads) heads_.push_back(FileEnds(starting, width, true));
  for (const auto& [width, ending] : tails) tails_.push_back(FileEnds(ending, width, false));
}

NeedleTable NeedleTable::IgnoringAsciiCase(const std::vector<Needle>& needles) {
  NeedleTable table;
  table.empty_ = needles.empty();
  table.ignores_case_ = true;
  if (!needles.empty()) table.BuildGrams(needles);
  return table;
}

NeedleTable::Filed NeedleTable::File(std::vector<std::pair<std::uint64_t, Entry>> entries) {
  std::stable_sort(entries.begin(), entries.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  Filed filed;
  std::vector<std::uint64_t> words;
  for (auto& [word, entry] : entries) {
    words.push_back(word);
    filed.entries.push_back(std::move(entry));
  }
  filed.slots = WordSlots(words);
  return filed;
}

void NeedleTable::BuildGrams(const std::vector<Needle>& needles) {
  const std::uint32_t stride = StrideFor(needles);
  // 64 bits a gram keep chance hits near one in sixty-four.
  const unsigned bits = std::clamp(
      static_cast<unsigned>(std::bit_width(needles.size() * stride * 64)), 6U, kMostBits);
  bitmap_.assign(std::size_t{1} << (bits - 6), 0);
  bitmap_mask_ = (std::uint32_t{1} << bits) - 1;
  stride_ = stride;
  const GramCounts counts(needles);
  std::vector<std::pair<std::uint64_t, Entry>> entries;
  for (const Needle& needle : needles) {
    for (std::uint32_t first = 0; first < stride; ++first) {
      const std::uint32_t offset = counts.RarestOffset(needle.text, first, stride);
      const std::uint32_t gram = LoadWord<std::uint32_t>(needle.text.data() + offset) |
                                 (ignores_case_ ? kCaseBits : 0);
      const std::uint32_t bit = Hash(gram) & bitmap_mask_;
      bitmap_[bit >> 6U] |= std::uint64_t{1} << (bit & 63U);
      entries.emplace_back(
          gram, Entry{NeedleText(needle.text), offset, needle.target, false, false});
    }
  }
  grams_ = File(std::move(entries));
}

void NeedleTable::BuildPairs(const std::vector<Needle>& needles) {
  pair_bits_.assign(std::size_t{1} << (16 - 6), 0);
  std::vector<std::pair<std::uint64_t, Entry>> entries;
  for (const Needle& needle : needles) {
    const auto pair = LoadWord<std::uint16_t>(needle.text.data());
    pair_bits_[pair >> 6U] |= std::uint64_t{1} << (pair & 63U);
    entries.emplace_back(pair, Entry{NeedleText(needle.text), 0, needle.target, false, false});
  }
  pairs_ = File(std::move(entries));
}

NeedleTable::Ends NeedleTable::FileEnds(const std::vector<Needle>& needles, std::size_t width,
                                        bool at_start) {
  std::vector<std::pair<std::uint64_t, Entry>> entries;
  for (const Needle& needle : needles) {
    const std::size_t offset = at_start ? 0 : needle.text.size() - width;
    entries.emplace_back(WordAt(needle.text, offset, width),
                         Entry{NeedleText(needle.text), static_cast<std::uint32_t>(offset),
                               needle.target, needle.at_start, needle.at_end});
  }
  return {width, File(std::move(entries))};
}

}  // namespace auditflow::match
