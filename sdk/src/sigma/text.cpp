#include "src/sigma/text.hpp"

#include <algorithm>
#include <vector>

#include "auditflow/core/utf8.hpp"

namespace auditflow::sigma {
namespace {

bool IsContinuation(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

std::string DecodeUtf16(std::string_view bytes, bool big_endian) {
  const auto unit = [&](std::size_t i) {
    const auto a = static_cast<unsigned char>(bytes[i]);
    const auto b = static_cast<unsigned char>(bytes[i + 1]);
    return static_cast<std::uint32_t>(big_endian ? (a << 8) | b : (b << 8) | a);
  };
  std::string out;
  out.reserve(bytes.size());
  std::size_t i = 0;
  for (; i + 1 < bytes.size(); i += 2) {
    char32_t code = unit(i);
    if (code >= 0xD800U && code < 0xDC00U && i + 3 < bytes.size()) {
      const char32_t low = unit(i + 2);
      if (low >= 0xDC00U && low < 0xE000U) {
        code = 0x10000U + ((code - 0xD800U) << 10U) + (low - 0xDC00U);
        i += 2;
      }
    }
    AppendUtf8(code, out);
  }
  if (i < bytes.size()) out.push_back('\xFF');  // half a character
  return out;
}

}  // namespace

std::size_t CharacterCount(std::string_view utf8) {
  return utf8.size() -
         static_cast<std::size_t>(std::count_if(utf8.begin(), utf8.end(), IsContinuation));
}

std::string AsciiLower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

std::string Quote(std::string_view text) {
  constexpr std::size_t kMax = 60;
  std::string out = "'";
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i >= kMax && !IsContinuation(text[i])) return out + "…'";
    const auto byte = static_cast<unsigned char>(text[i]);
    out.push_back(byte < 0x20U || byte == 0x7FU ? ' ' : text[i]);
  }
  return out + "'";
}

std::size_t EditDistance(std::string_view a, std::string_view b, std::size_t limit) {
  const std::size_t gap = a.size() > b.size() ? a.size() - b.size() : b.size() - a.size();
  if (gap > limit) return limit + 1;
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replace = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, replace});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before.swap(last);
    last.swap(row);
  }
  return last[b.size()];
}

std::string DidYouMean(std::string_view word, std::span<const std::string_view> candidates) {
  const std::string lower = AsciiLower(word.substr(0, 64));
  const std::size_t limit = lower.size() < 4 ? 1 : 2;
  std::size_t best = limit + 1;
  std::string_view nearest;
  // A help for people must not cost more than the fault it explains.
  constexpr std::size_t kMaxCandidates = 64;
  for (const std::string_view candidate :
       candidates.first(std::min(candidates.size(), kMaxCandidates))) {
    const std::size_t distance = EditDistance(lower, candidate, limit);
    if (distance >= best || distance >= candidate.size()) continue;
    best = distance;
    nearest = candidate;
  }
  return nearest.empty() ? "" : ", did you mean '" + std::string(nearest) + "'?";
}

bool GlobMatch(std::string_view pattern, std::string_view name) {
  std::size_t p = 0;
  std::size_t n = 0;
  std::size_t star = std::string_view::npos;
  std::size_t resume = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = n;
    } else if (p < pattern.size() && pattern[p] == name[n]) {
      ++p;
      ++n;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      n = ++resume;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

std::string FromUtf16(std::string_view bytes, bool* converted) {
  const bool little = bytes.starts_with("\xFF\xFE");
  *converted = little || bytes.starts_with("\xFE\xFF");
  return *converted ? DecodeUtf16(bytes.substr(2), !little) : std::string();
}

LineColumn PlaceOf(std::string_view utf8, std::size_t offset) {
  const std::string_view before = utf8.substr(0, offset);
  const std::size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0
  return {static_cast<std::uint32_t>(1 + std::count(before.begin(), before.end(), '\n')),
          static_cast<std::uint32_t>(1 + CharacterCount(before.substr(line_start)))};
}

}  // namespace auditflow::sigma
