#include "src/match/gram_scan.hpp"

#include <algorithm>
#include <bit>
#include <map>

namespace auditflow::match {
namespace {

/// Calls `visit(const Needle*, offset)` for each place of each needle under whose gram it is filed.
template <class Gram, class Visit>
void ForEachFiled(std::span<const Needle* const> needles, std::uint32_t stride,
                  const LiteralCounts& counts, Visit&& visit) {
  for (const Needle* needle : needles) {
    for (std::uint32_t first = 0; first < stride; ++first) {
      visit(needle, counts.RarestOffset(needle->text, sizeof(Gram), first, stride));
    }
  }
}

}  // namespace

template <class Gram>
std::uint32_t GramScan<Gram>::StrideFor(std::span<const Needle* const> needles) {
  constexpr std::size_t kWidest = 8;  // beyond, the needles' grams crowd the bitmap
  std::size_t stride = kWidest;
  for (const Needle* needle : needles) {
    stride = std::min(stride, needle->text.size() - sizeof(Gram) + 1);
  }
  return static_cast<std::uint32_t>(stride);
}

template <class Gram>
GramScan<Gram>::GramScan(std::span<const Needle* const> needles, const LiteralCounts& counts,
                         Gram ignored)
    : stride_(StrideFor(needles)), ignored_(ignored) {
  if (needles.empty()) return;
  const auto stride = static_cast<std::uint32_t>(stride_);
  // 64 bits a gram keep chance hits near one in sixty-four.
  const unsigned bits = std::clamp(
      static_cast<unsigned>(std::bit_width(needles.size() * stride * 64)), 6U, kMostBits);
  bitmap_.assign(std::size_t{1} << (bits - 6), 0);
  mask_ = (std::uint32_t{1} << bits) - 1;
  std::vector<FiledNeedles::Entry> entries;
  ForEachFiled<Gram>(needles, stride, counts, [&](const Needle* needle, std::uint32_t offset) {
    const auto gram = static_cast<Gram>(LoadWord<Gram>(needle->text.data() + offset) | ignored);
    const std::uint32_t bit = Hash(gram) & mask_;
    bitmap_[bit >> 6U] |= std::uint64_t{1} << (bit & 63U);
    entries.push_back({gram, offset, needle});
  });
  filed_ = FiledNeedles(std::move(entries));
}

template <class Gram>
double GramScan<Gram>::CostPerByte(std::span<const Needle* const> needles,
                                   const LiteralCounts& counts) {
  if (needles.empty()) return 0;
  constexpr double kCostOfHit = 12;  // a look-up and a comparison, beside a look that finds nothing
  const std::uint32_t stride = StrideFor(needles);
  std::map<Gram, double> shares;
  ForEachFiled<Gram>(needles, stride, counts, [&](const Needle* needle, std::uint32_t offset) {
    const std::string_view gram = std::string_view(needle->text).substr(offset, sizeof(Gram));
    shares[LoadWord<Gram>(gram.data())] = counts.ShareOf(gram);
  });
  double hits = 0;
  for (const auto& [gram, share] : shares) hits += share;
  return (1 + kCostOfHit * hits) / stride;
}

template class GramScan<std::uint32_t>;
template class GramScan<std::uint16_t>;

}  // namespace auditflow::match
