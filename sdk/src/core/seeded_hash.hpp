#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <string_view>

#include "src/core/wide_multiply.hpp"

namespace auditflow {

/// Group keys, counted values and events come from outside: without a secret they could be chosen
/// to share a hash. The secret differs from process to process; no result depends on it.
const std::array<std::uint64_t, 3>& HashSecret();

namespace internal {

inline std::uint64_t Fold(std::uint64_t a, std::uint64_t b) {
  const WideProduct product = MultiplyWide(a, b);
  return product.high ^ product.low;
}

/// Up to eight bytes as a word.
inline std::uint64_t Load(const char* at, std::size_t size) {
  std::uint64_t word = 0;
  std::memcpy(&word, at, size);
  return word;
}

}  // namespace internal

/// Folds 16 bytes at a time by 64×64→128-bit multiplication with secret operands.
inline std::uint64_t SeededHash(std::string_view text) {
  const auto& secret = HashSecret();
  std::uint64_t hash = secret[0] ^ text.size();
  const char* at = text.data();
  std::size_t left = text.size();
  for (; left > 16; at += 16, left -= 16) {
    hash = internal::Fold(internal::Load(at, 8) ^ secret[1],
                          internal::Load(at + 8, 8) ^ hash ^ secret[2]);
  }
  const std::size_t first = left < 8 ? left : 8;
  const std::uint64_t low = first == 0 ? 0 : internal::Load(at, first);
  const std::uint64_t high = left > 8 ? internal::Load(at + 8, left - 8) : 0;
  hash = internal::Fold(low ^ secret[1], high ^ hash ^ secret[2]);
  return internal::Fold(hash ^ secret[0], secret[1] | 1U);
}

/// For unordered containers of strings that are looked up by view.
struct SeededStringHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return SeededHash(text); }
};

}  // namespace auditflow
