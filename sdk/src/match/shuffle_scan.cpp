#include "src/match/shuffle_scan.hpp"

#include <algorithm>
#include <vector>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace auditflow::match {
namespace {

constexpr std::size_t kGroups = 8;

/// Where the rarest run of bytes of the needle stands.
std::uint32_t OffsetOf(const Needle& needle, const GramCounts<std::uint32_t>& counts) {
  if (needle.text.size() < sizeof(std::uint32_t)) return 0;
  return counts.RarestOffset(needle.text, 0, 1);
}

}  // namespace

bool ShuffleScan::Takes(std::span<const Needle* const> needles) {
  return IsSupported() && needles.size() <= kMostNeedles &&
         std::all_of(needles.begin(), needles.end(),
                     [](const Needle* needle) { return needle->text.size() >= kShortestNeedle; });
}

double ShuffleScan::CostPerByte(std::span<const Needle* const> needles,
                                const GramCounts<std::uint32_t>& counts) {
  if (needles.empty()) return 0;
  constexpr double kCostOfLooking = 0.07;
  constexpr double kCostOfHit = 12;
  double hits = 0;
  for (const Needle* needle : needles) {
    if (needle->text.size() < sizeof(std::uint32_t)) continue;
    hits += counts.ShareAt(needle->text, OffsetOf(*needle, counts));
  }
  return kCostOfLooking + kCostOfHit * hits;
}

ShuffleScan::ShuffleScan(std::span<const Needle* const> needles,
                         const GramCounts<std::uint32_t>& counts, std::uint8_t ignored)
    : is_empty_(needles.empty()), ignored_(ignored), ignored_gram_(ignored * 0x010101U) {
  std::vector<FiledNeedles::Entry> entries;
  entries.reserve(needles.size());
  for (const Needle* needle : needles) {
    const std::uint32_t offset = OffsetOf(*needle, counts);
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
  if (!places.HasRoom()) return at;
  // The rest is too short for a block and what is read behind it; behind the text are zeros.
  for (; at + kGram <= text.size() && places.HasRoom(); at += kWidth) {
    std::array<char, kWidth + kGram - 1> rest{};
    std::memcpy(rest.data(), text.data() + at, std::min(rest.size(), text.size() - at));
    Places in_rest;
    CollectWhole(rest.data(), 0, rest.size(), in_rest);
    for (std::size_t i = 0; i < in_rest.count; ++i) {
      const std::size_t position = at + in_rest.positions[i];
      if (position + kGram <= text.size()) places.positions[places.count++] = position;
    }
  }
  return at;
}

#if defined(__x86_64__)

bool ShuffleScan::IsSupported() {
  static const bool has_avx2 = __builtin_cpu_supports("avx2") != 0;
  return has_avx2;
}

namespace {

#define AUDITFLOW_AVX2 __attribute__((target("avx2")))

/// The tables for one of the three bytes, once for each half of a vector.
struct Tables {
  __m256i lower;
  __m256i upper;
};

AUDITFLOW_AVX2 inline __m256i LoadTable(const std::array<std::uint8_t, 16>& table) {
  return _mm256_broadcastsi128_si256(
      _mm_loadu_si128(reinterpret_cast<const __m128i*>(table.data())));
}

/// For each of 32 bytes, whose it could be.
AUDITFLOW_AVX2 inline __m256i LookUp(const char* at, const Tables& tables, __m256i ignored) {
  const __m256i half = _mm256_set1_epi8(0xF);
  const __m256i bytes =
      _mm256_or_si256(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(at)), ignored);
  const __m256i lower = _mm256_and_si256(bytes, half);
  const __m256i upper = _mm256_and_si256(_mm256_srli_epi16(bytes, 4), half);
  return _mm256_and_si256(_mm256_shuffle_epi8(tables.lower, lower),
                          _mm256_shuffle_epi8(tables.upper, upper));
}

}  // namespace

/// The same for blocks that can be read whole up to `end`.
AUDITFLOW_AVX2 std::size_t ShuffleScan::CollectWhole(const char* text, std::size_t at,
                                                     std::size_t end, Places& places) const {
  const Tables first{LoadTable(by_lower_half_[0]), LoadTable(by_upper_half_[0])};
  const Tables second{LoadTable(by_lower_half_[1]), LoadTable(by_upper_half_[1])};
  const Tables third{LoadTable(by_lower_half_[2]), LoadTable(by_upper_half_[2])};
  const __m256i ignored = _mm256_set1_epi8(static_cast<char>(ignored_));
  for (; at + kWidth + kGram - 1 <= end; at += kWidth) {
    const char* const block = text + at;
    const __m256i both =
        _mm256_and_si256(LookUp(block, first, ignored), LookUp(block + 1, second, ignored));
    const __m256i all = _mm256_and_si256(both, LookUp(block + 2, third, ignored));
    if (_mm256_testz_si256(all, all) != 0) continue;
    if (!places.HasRoom()) break;
    const __m256i nowhere = _mm256_cmpeq_epi8(all, _mm256_setzero_si256());
    places.Add(at, ~static_cast<std::uint32_t>(_mm256_movemask_epi8(nowhere)));
  }
  return at;
}

#else

bool ShuffleScan::IsSupported() { return false; }

std::size_t ShuffleScan::CollectWhole(const char*, std::size_t, std::size_t end, Places&) const {
  return end;
}

#endif

}  // namespace auditflow::match
