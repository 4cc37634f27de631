#pragma once

#if defined(__x86_64__)

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include <immintrin.h>

#include "src/core/avx2.hpp"

/// What is done with 64 bytes of a JSON string together.
namespace auditflow::event {

inline constexpr unsigned kVector = 32;
inline constexpr unsigned kBlock = 2 * kVector;  ///< of a string that is looked at together

AUDITFLOW_AVX2_INLINE __m256i LoadVector(const char* at) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at));
}

AUDITFLOW_AVX2_INLINE void StoreVector(std::uint8_t* at, __m256i bytes) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(at), bytes);
}

/// Which of 64 bytes mean more than themselves in a string.
struct Specials {
  std::uint64_t stops;  ///< quotes and control characters
  std::uint64_t backslashes;
};

AUDITFLOW_AVX2_INLINE std::uint64_t MaskOf(__m256i first, __m256i second) {
  const auto low = static_cast<std::uint32_t>(_mm256_movemask_epi8(first));
  const auto high = static_cast<std::uint32_t>(_mm256_movemask_epi8(second));
  return low | std::uint64_t{high} << 32U;
}

AUDITFLOW_AVX2_INLINE __m256i StopsIn(__m256i bytes) {
  const __m256i control = _mm256_set1_epi8(0x1F);
  return _mm256_or_si256(_mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('"')),
                         _mm256_cmpeq_epi8(_mm256_max_epu8(bytes, control), control));
}

AUDITFLOW_AVX2_INLINE __m256i BackslashesIn(__m256i bytes) {
  return _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('\\'));
}

/// The backslashes that an escape begins with, of a block that begins with no escaped byte: in a
/// run of them the first, the third and so on.
inline std::uint64_t EscapesIn(std::uint64_t backslashes) {
  constexpr std::uint64_t kEven = 0x5555'5555'5555'5555;
  const std::uint64_t begins = backslashes & ~(backslashes << 1U);
  // A carry goes through the runs to which one is added.
  const std::uint64_t of_even_runs = backslashes & ~(backslashes + (begins & kEven));
  return (of_even_runs & kEven) | (backslashes & ~of_even_runs & ~kEven);
}

/// Each bit as a byte, all ones or none.
AUDITFLOW_AVX2_INLINE __m256i BytesOf(std::uint32_t mask) {
  const __m256i by_byte =
      _mm256_setr_epi64x(0, 0x0101010101010101, 0x0202020202020202, 0x0303030303030303);
  const __m256i bits = _mm256_set1_epi64x(static_cast<long long>(0x8040201008040201U));
  const __m256i copies = _mm256_shuffle_epi8(_mm256_set1_epi32(static_cast<int>(mask)), by_byte);
  return _mm256_cmpeq_epi8(_mm256_and_si256(copies, bits), bits);
}

/// What each byte means behind a backslash; 0 for what means nothing, and for `u`.
AUDITFLOW_AVX2_INLINE __m256i MeaningOf(__m256i bytes) {
  // By the lower half: b, f and n; r and t.
  const __m256i six = _mm256_broadcastsi128_si256(
      _mm_setr_epi8(0, 0, '\b', 0, 0, 0, '\f', 0, 0, 0, 0, 0, 0, 0, '\n', 0));
  const __m256i seven = _mm256_broadcastsi128_si256(
      _mm_setr_epi8(0, 0, '\r', 0, '\t', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
  const __m256i upper = _mm256_and_si256(bytes, _mm256_set1_epi8(static_cast<char>(0xF0)));
  const auto if_upper = [&](char half, __m256i meaning) AUDITFLOW_AVX2 {
    return _mm256_and_si256(_mm256_cmpeq_epi8(upper, _mm256_set1_epi8(half)), meaning);
  };
  const auto itself = [&](char c) AUDITFLOW_AVX2 {
    return _mm256_and_si256(_mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(c)), bytes);
  };
  const __m256i letters = _mm256_or_si256(if_upper(0x60, _mm256_shuffle_epi8(six, bytes)),
                                          if_upper(0x70, _mm256_shuffle_epi8(seven, bytes)));
  return _mm256_or_si256(_mm256_or_si256(letters, itself('/')),
                         _mm256_or_si256(itself('"'), itself('\\')));
}

/// By eight bits: the places of the bytes whose bit is not set, one after the other.
inline constexpr std::array<std::uint64_t, 256> kKept = [] {
  std::array<std::uint64_t, 256> kept{};
  for (unsigned dropped = 0; dropped < kept.size(); ++dropped) {
    unsigned to = 0;
    for (std::uint64_t from = 0; from < 8; ++from) {
      if ((dropped >> from & 1U) == 0) kept[dropped] |= from << (8 * to++);
    }
  }
  return kept;
}();

/// The bytes of a block but those whose bit is set; up to 64 are written.
AUDITFLOW_AVX2_INLINE void CopyBut(const char* from, std::uint64_t dropped, std::uint8_t* to) {
  for (unsigned at = 0; at < kBlock; at += 8) {
    const unsigned here = dropped >> at & 0xFFU;
    const __m128i bytes = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(from + at));
    const __m128i places = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(&kKept[here]));
    _mm_storel_epi64(reinterpret_cast<__m128i*>(to), _mm_shuffle_epi8(bytes, places));
    to += 8 - std::popcount(here);
  }
}

}  // namespace auditflow::event

#endif
