#include "src/match/shuffle_scan.hpp"

#include <algorithm>
#include <vector>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace auditflow::match {
namespace {

constexpr std::size_t kGroups = 8;

}  // namespace

bool ShuffleScan::Takes(std::span<const Needle* const> needles) {
  return IsSupported() && needles.size() <= kMostNeedles &&
         std::all_of(needles.begin(), needles.end(),
                     [](const Needle* needle) { return needle->text.size() >= kShortestNeedle; });
}

double ShuffleScan::CostPerByte(std::span<const Needle* const> needles,
                                const LiteralCounts& counts) {
  if (needles.empty()) return 0;
  constexpr double kCostOfLooking = 0.07;
  constexpr double kCostOfHit = 12;
  double hits = 0;
  for (const Needle* needle : needles) {
    const std::string_view text = needle->text;
    hits += counts.ShareOf(text.substr(counts.RarestOffset(text, kGram), kGram));
  }
  return kCostOfLooking + kCostOfHit * hits;
}

ShuffleScan::ShuffleScan(std::span<const Needle* const> needles, const LiteralCounts& counts,
                         std::uint8_t ignored)
    : is_empty_(needles.empty()), ignored_(ignored), ignored_gram_(ignored * 0x010101U) {
  std::vector<FiledNeedles::Entry> entries;
  entries.reserve(needles.size());
  for (const Needle* needle : needles) {
    const std::uint32_t offset = counts.RarestOffset(needle->text, kGram);
    entries.push_back({GramAt(needle->text.data() + offset), offset, needle});
  }
  // Neighbours have bytes in common, so that a group of them answers yes to fewer others.
  std::sort(entries.begin(), entries.end(),
            [](const auto& a, const auto& b) { return a.word < b.word; });
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const std::size_t groups = std::min(kGroups, entries.size());
    const auto bit = static_cast<std::uint8_t>(1U << (i * groups / entries.size()));
    for (std::size_t byte = 0; byte < kGram; ++byte) {
      const auto value = static_cast<std::uint8_t>(entries[i].word >> (8 * byte));
      by_lower_half_[byte][value & 0xFU] |= bit;
      by_upper_half_[byte][value >> 4U] |= bit;
    }
  }
  filed_ = FiledNeedles(std::move(entries));
}

std::size_t ShuffleScan::Collect(std::string_view text, std::size_t at, Places& places) const {
  places.count = 0;
  at = CollectWhole(text.data(), at, text.size(), places);
  if (!places.HasRoom() || at >= text.size()) return at;
  // The rest is too short for a block. It begins with what may begin a run of bytes that ends here.
  const std::size_t begin = at - std::min(at, kGram - 1);
  std::array<char, 2 * kWidth> rest{};
  const std::size_t size = text.size() - begin;
  std::memcpy(rest.data(), text.data() + begin, size);
  Places in_rest;
  CollectWhole(rest.data(), 0, size > kWidth ? rest.size() : kWidth, in_rest);
  for (std::size_t i = 0; i < in_rest.count; ++i) {
    const std::size_t position = begin + in_rest.positions[i];
    if (position + kGram <= text.size()) places.positions[places.count++] = position;
  }
  return text.size();
}

#if defined(__x86_64__)

namespace {

/// The tables for one of the three bytes, once for each half of a vector.
struct Tables {
  __m256i lower;
  __m256i upper;
};

AUDITFLOW_AVX2 inline __m256i LoadTable(const std::array<std::uint8_t, 16>& table) {
  return _mm256_broadcastsi128_si256(
      _mm_loadu_si128(reinterpret_cast<const __m128i*>(table.data())));
}

/// The halves of 32 bytes.
struct Halves {
  __m256i lower;
  __m256i upper;
};

AUDITFLOW_AVX2 inline Halves LoadHalves(const char* at, __m256i ignored) {
  const __m256i half = _mm256_set1_epi8(0xF);
  const __m256i bytes =
      _mm256_or_si256(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(at)), ignored);
  return {_mm256_and_si256(bytes, half), _mm256_and_si256(_mm256_srli_epi16(bytes, 4), half)};
}

/// For each of 32 bytes, whose it could be.
AUDITFLOW_AVX2 inline __m256i LookUp(const Halves& halves, const Tables& tables) {
  return _mm256_and_si256(_mm256_shuffle_epi8(tables.lower, halves.lower),
                          _mm256_shuffle_epi8(tables.upper, halves.upper));
}

/// The 32 bytes that stand `kBytes` in front of `block`, which follows `before`.
template <int kBytes>
AUDITFLOW_AVX2 inline __m256i InFrontOf(__m256i block, __m256i before) {
  constexpr int kUpperThenLower = 0x21;
  return _mm256_alignr_epi8(block, _mm256_permute2x128_si256(before, block, kUpperThenLower),
                            16 - kBytes);
}

}  // namespace

/// The same for the blocks that can be read whole up to `end`. Each is looked at once: what was
/// said of the first two bytes is kept until the third one is there.
AUDITFLOW_AVX2 std::size_t ShuffleScan::CollectWhole(const char* text, std::size_t at,
                                                     std::size_t end, Places& places) const {
  const Tables first{LoadTable(by_lower_half_[0]), LoadTable(by_upper_half_[0])};
  const Tables second{LoadTable(by_lower_half_[1]), LoadTable(by_upper_half_[1])};
  const Tables third{LoadTable(by_lower_half_[2]), LoadTable(by_upper_half_[2])};
  const __m256i ignored = _mm256_set1_epi8(static_cast<char>(ignored_));
  __m256i first_before = _mm256_setzero_si256();
  __m256i second_before = _mm256_setzero_si256();
  if (at != 0) {
    const Halves before = LoadHalves(text + at - kWidth, ignored);
    first_before = LookUp(before, first);
    second_before = LookUp(before, second);
  }
  for (; at + kWidth <= end; at += kWidth) {
    const Halves halves = LoadHalves(text + at, ignored);
    const __m256i is_first = LookUp(halves, first);
    const __m256i is_second = LookUp(halves, second);
    const __m256i both = _mm256_and_si256(InFrontOf<2>(is_first, first_before),
                                          InFrontOf<1>(is_second, second_before));
    const __m256i all = _mm256_and_si256(both, LookUp(halves, third));
    if (_mm256_testz_si256(all, all) == 0) {
      if (!places.HasRoom()) break;
      const __m256i nowhere = _mm256_cmpeq_epi8(all, _mm256_setzero_si256());
      places.Add(at - (kGram - 1), ~static_cast<std::uint32_t>(_mm256_movemask_epi8(nowhere)));
    }
    first_before = is_first;
    second_before = is_second;
  }
  return at;
}

#else

std::size_t ShuffleScan::CollectWhole(const char*, std::size_t, std::size_t end, Places&) const {
  return end;
}

#endif

}  // namespace auditflow::match
