#include "src/alert/utf8.hpp"

#include <algorithm>
#include <cstdint>

namespace auditflow::alert {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

bool IsContinuation(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

std::size_t LengthFromLead(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead < 0xE0) return 2;
  if (lead >= 0xE0 && lead < 0xF0) return 3;
  if (lead >= 0xF0 && lead < 0xF5) return 4;
  return 0;
}

// Three- and four-byte forms leave room for overlong, surrogate and too large values.
bool SecondByteFits(unsigned char lead, unsigned char second) {
  switch (lead) {
    case 0xE0:
      return second >= 0xA0;
    case 0xED:
      return second < 0xA0;
    case 0xF0:
      return second >= 0x90;
    case 0xF4:
      return second < 0x90;
    default:
      return true;
  }
}

// The bytes of the code point that `text` begins with; 0 if it begins with none.
std::size_t CodePointLength(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const std::size_t length = LengthFromLead(lead);
  if (length == 0 || text.size() < length) return 0;
  const std::string_view rest = text.substr(1, length - 1);
  if (!std::all_of(rest.begin(), rest.end(), IsContinuation)) return 0;
  if (length > 1 && !SecondByteFits(lead, static_cast<unsigned char>(text[1]))) return 0;
  return length;
}

bool IsStorable(std::string_view text, std::size_t width) {
  if (text.find('\0') != std::string_view::npos) return false;
  const std::optional<std::size_t> count = CountCodePoints(text);
  return count && (width == 0 || *count <= width);
}

}  // namespace

std::optional<std::size_t> CountCodePoints(std::string_view text) {
  std::size_t count = 0;
  while (!text.empty()) {
    const std::size_t length = CodePointLength(text);
    if (length == 0) return std::nullopt;
    text.remove_prefix(length);
    ++count;
  }
  return count;
}

void MakeStorable(std::string& text, std::size_t width) {
  if (IsStorable(text, width)) return;
  std::string clean;
  std::string_view rest = text;
  for (std::size_t count = 0; !rest.empty() && (width == 0 || count < width); ++count) {
    const std::size_t length = CodePointLength(rest);
    const bool keep = length > 0 && rest[0] != '\0';
    clean += keep ? rest.substr(0, length) : kReplacement;
    rest.remove_prefix(std::max<std::size_t>(length, 1));
  }
  text = std::move(clean);
}

std::string_view ClipBytes(std::string_view text, std::size_t max_bytes) {
  if (text.size() <= max_bytes) return text;
  while (max_bytes > 0 && IsContinuation(text[max_bytes])) --max_bytes;
  return text.substr(0, max_bytes);
}

}  // namespace auditflow::alert
