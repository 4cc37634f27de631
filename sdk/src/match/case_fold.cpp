#include "src/match/case_fold.hpp"

#include <algorithm>
#include <cstdint>
#include <iterator>

#include "auditflow/core/utf8.hpp"

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

bool IsAscii(char c) { return static_cast<unsigned char>(c) < 0x80; }

/// Writes the folded text up to the first byte that is not ASCII, whose index it returns.
std::size_t FoldAsciiPrefix(const char* from, std::size_t size, char* to) {
  constexpr std::size_t kBlock = 32;  // both loops over a block become a few vector instructions
  std::size_t at = 0;
  for (; at + kBlock <= size; at += kBlock) {
    unsigned char all = 0;
    for (std::size_t i = 0; i < kBlock; ++i) all |= static_cast<unsigned char>(from[at + i]);
    if (all >= 0x80) break;
    for (std::size_t i = 0; i < kBlock; ++i) to[at + i] = FoldAscii(from[at + i]);
  }
  for (; at < size && IsAscii(from[at]); ++at) to[at] = FoldAscii(from[at]);
  return at;
}

void AppendFoldedSlowly(std::string_view utf8, std::string& out) {
  for (std::size_t at = 0; at < utf8.size();) {
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

}  // namespace

std::size_t FoldInto(std::string_view utf8, std::string& buffer) {
  if (buffer.size() < utf8.size()) buffer.resize(utf8.size());
  const std::size_t ascii = FoldAsciiPrefix(utf8.data(), utf8.size(), buffer.data());
  if (ascii == utf8.size()) return ascii;
  buffer.resize(ascii);
  AppendFoldedSlowly(utf8.substr(ascii), buffer);
  return buffer.size();
}

void AppendFolded(std::string_view utf8, std::string& out) {
  const std::size_t start = out.size();
  out.resize(start + utf8.size());
  const std::size_t ascii = FoldAsciiPrefix(utf8.data(), utf8.size(), out.data() + start);
  out.resize(start + ascii);
  AppendFoldedSlowly(utf8.substr(ascii), out);
}

std::string Folded(std::string_view utf8) {
  std::string out;
  AppendFolded(utf8, out);
  return out;
}

}  // namespace auditflow::match
