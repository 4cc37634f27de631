#include "src/match/case_fold.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <iterator>

#include "auditflow/core/utf8.hpp"

#include "src/core/bytes.hpp"
#include "src/match/utf8.hpp"

namespace auditflow::match {
namespace {

struct FoldRange {
  std::uint32_t first;
  std::uint32_t last;
  std::int32_t delta;
  std::uint32_t stride;  ///< 2: only every other code point folds
};

constexpr FoldRange kFoldRanges[] = {
#include "src/match/case_fold_table.inc"
};

char32_t FoldCodePoint(char32_t code_point) {
  const auto value = static_cast<std::uint32_t>(code_point);
  const auto* range =
      std::upper_bound(std::begin(kFoldRanges), std::end(kFoldRanges), value,
                       [](std::uint32_t v, const FoldRange& r) { return v < r.first; });
  if (range == std::begin(kFoldRanges)) return code_point;
  --range;
  if (value > range->last || (value - range->first) % range->stride != 0) return code_point;
  return static_cast<char32_t>(static_cast<std::int32_t>(value) + range->delta);
}

constexpr std::uint64_t kOnes = 0x0101010101010101U;
constexpr std::uint64_t kHighBits = 0x80 * kOnes;

/// For eight ASCII bytes: the bit 0x20 set in each that is a capital letter.
constexpr std::uint64_t CapitalBits(std::uint64_t word) {
  const std::uint64_t from_a = word + (0x80 - 'A') * kOnes;
  const std::uint64_t past_z = word + (0x80 - 'Z' - 1) * kOnes;
  return ((from_a ^ past_z) & kHighBits) >> 2U;
}

bool IsAscii(char c) { return static_cast<unsigned char>(c) < 0x80; }

/// Writes the folded text up to the first byte that is not ASCII, whose index it returns.
std::size_t FoldAsciiPrefix(const char* from, std::size_t size, char* to) {
  std::size_t at = 0;
  for (; at + sizeof(std::uint64_t) <= size; at += sizeof(std::uint64_t)) {
    std::uint64_t word = LoadWord<std::uint64_t>(from + at);
    if ((word & kHighBits) != 0) break;
    word |= CapitalBits(word);
    std::memcpy(to + at, &word, sizeof word);
  }
  for (; at < size && IsAscii(from[at]); ++at) to[at] = FoldAscii(from[at]);
  return at;
}

}  // namespace

void AppendFolded(std::string_view utf8, std::string& out) {
  const std::size_t start = out.size();
  out.resize(start + utf8.size());
  std::size_t at = FoldAsciiPrefix(utf8.data(), utf8.size(), out.data() + start);
  if (at == utf8.size()) return;
  out.resize(start + at);
  while (at < utf8.size()) {
    if (IsAscii(utf8[at])) {
      out += FoldAscii(utf8[at++]);
      continue;
    }
    const CodePoint code_point = DecodeAt(utf8, at);
    if (code_point.valid) {
      AppendUtf8(FoldCodePoint(code_point.value), out);
    } else {
      out += utf8[at];
    }
    at += code_point.length;
  }
}

std::string Folded(std::string_view utf8) {
  std::string out;
  AppendFolded(utf8, out);
  return out;
}

}  // namespace auditflow::match
