#include "src/match/needle_table.hpp"

#include <algorithm>
#include <bit>
#include <limits>
#include <map>
#include <span>
#include <utility>

namespace auditflow::match {
namespace {

/// The widest word that the needle fills.
std::size_t EndWidth(const Needle& needle) {
  return std::min<std::size_t>(8, std::bit_floor(needle.text.size()));
}

double CostOfPairs(std::span<const Needle* const> needles, const LiteralCounts& counts) {
  return GramScan<std::uint16_t>::CostPerByte(needles, counts);
}

bool PrefersShuffle(std::span<const Needle* const> needles, const LiteralCounts& counts) {
  return ShuffleScan::Takes(needles) &&
         ShuffleScan::CostPerByte(needles, counts) < CostOfPairs(needles, counts);
}

double CostOfShort(std::span<const Needle* const> needles, const LiteralCounts& counts) {
  return PrefersShuffle(needles, counts) ? ShuffleScan::CostPerByte(needles, counts)
                                         : CostOfPairs(needles, counts);
}

}  // namespace

NeedleTable::NeedleTable(const std::vector<Needle>& needles, const LiteralCounts& counts)
    : empty_(needles.empty()) {
  std::vector<const Needle*> anywhere;
  std::map<std::size_t, std::vector<const Needle*>> heads;
  std::map<std::size_t, std::vector<const Needle*>> tails;
  for (const Needle& needle : needles) {
    if (needle.at_end) {
      tails[EndWidth(needle)].push_back(&needle);
    } else if (needle.at_start) {
      heads[EndWidth(needle)].push_back(&needle);
    } else if (needle.text.size() >= 2) {
      anywhere.push_back(&needle);
    } else {
      single_bytes_.push_back({needle.text[0], needle.target});
    }
  }
  BuildScans(std::move(anywhere), counts);
  for (const auto& [width, starting] : heads) heads_.push_back(FileEnds(starting, width, true));
  for (const auto& [width, ending] : tails) tails_.push_back(FileEnds(ending, width, false));
}

/// Chooses the length from which on needles are looked for by four bytes.
void NeedleTable::BuildScans(std::vector<const Needle*> needles, const LiteralCounts& counts) {
  constexpr std::size_t kLongest = 12;  // from there on at every eighth position, the widest step
  std::stable_sort(needles.begin(), needles.end(), [](const Needle* a, const Needle* b) {
    return a->text.size() < b->text.size();
  });
  const std::span<const Needle* const> all(needles);
  const auto count_below = [&](std::size_t length) {
    return static_cast<std::size_t>(
        std::find_if(all.begin(), all.end(),
                     [length](const Needle* needle) { return needle->text.size() >= length; }) -
        all.begin());
  };
  double best_cost = std::numeric_limits<double>::infinity();
  std::size_t best = 0;
  std::size_t last = all.size() + 1;
  for (std::size_t length = sizeof(std::uint32_t); length <= kLongest; ++length) {
    const std::size_t shorter = count_below(length);
    if (std::exchange(last, shorter) == shorter) continue;
    const double cost = CostOfShort(all.first(shorter), counts) +
                        GramScan<std::uint32_t>::CostPerByte(all.subspan(shorter), counts);
    if (cost < best_cost) {
      best_cost = cost;
      best = shorter;
    }
  }
  if (PrefersShuffle(all.first(best), counts)) {
    shuffle_ = ShuffleScan(all.first(best), counts);
  } else {
    pairs_ = GramScan<std::uint16_t>(all.first(best), counts);
  }
  grams_ = GramScan<std::uint32_t>(all.subspan(best), counts);
}

NeedleTable::Ends NeedleTable::FileEnds(const std::vector<const Needle*>& needles,
                                        std::size_t width, bool at_start) {
  std::vector<FiledNeedles::Entry> entries;
  for (const Needle* needle : needles) {
    const std::size_t offset = at_start ? 0 : needle->text.size() - width;
    entries.push_back(
        {WordAt(needle->text, offset, width), static_cast<std::uint32_t>(offset), needle});
  }
  return {width, FiledNeedles(std::move(entries))};
}

}  // namespace auditflow::match
