#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace auditflow {

/// Bytes in the machine's order, as a number to compare or to hash.
template <class Word>
Word LoadWord(const char* at) {
  Word word;
  std::memcpy(&word, at, sizeof word);
  return word;
}

/// Equality of two strings of one length, by overlapping words up to 16 bytes: a call of memcmp
/// would take most of the time.
inline bool EqualBytes(const char* a, const char* b, std::size_t size) {
  if (size > 16) return std::memcmp(a, b, size) == 0;
  if (size >= 8) {
    return LoadWord<std::uint64_t>(a) == LoadWord<std::uint64_t>(b) &&
           LoadWord<std::uint64_t>(a + size - 8) == LoadWord<std::uint64_t>(b + size - 8);
  }
  if (size >= 4) {
    return LoadWord<std::uint32_t>(a) == LoadWord<std::uint32_t>(b) &&
           LoadWord<std::uint32_t>(a + size - 4) == LoadWord<std::uint32_t>(b + size - 4);
  }
  for (std::size_t i = 0; i < size; ++i) {
    if (a[i] != b[i]) return false;
  }
  return true;
}

}  // namespace auditflow
