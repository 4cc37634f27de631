#include "auditflow/core/utf8.hpp"

namespace auditflow {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

std::uint8_t ByteAt(std::string_view text, std::size_t i) {
  return static_cast<std::uint8_t>(text[i]);
}

// What may follow a lead byte: Unicode table 3-7, "Well-Formed UTF-8 Byte Sequences".
struct Lead {
  std::size_t length = 0;  // 0: no lead byte
  std::uint8_t second_min = 0x80;
  std::uint8_t second_max = 0xBF;
};

Lead LeadOf(std::uint8_t b) {
  if (b < 0x80) return {1};
  if (b < 0xC2) return {};
  if (b < 0xE0) return {2};
  if (b == 0xE0) return {3, 0xA0, 0xBF};
  if (b == 0xED) return {3, 0x80, 0x9F};
  if (b < 0xF0) return {3};
  if (b == 0xF0) return {4, 0x90, 0xBF};
  if (b < 0xF4) return {4};
  if (b == 0xF4) return {4, 0x80, 0x8F};
  return {};
}

}  // namespace

Utf8Step DecodeUtf8(std::string_view text) {
  const std::uint8_t first = ByteAt(text, 0);
  const Lead lead = LeadOf(first);
  if (lead.length == 0) return {false, 1};
  if (lead.length == 1) return {true, 1, first};
  auto code_point = static_cast<char32_t>(first & (0x7FU >> lead.length));
  for (std::size_t i = 1; i < lead.length; ++i) {
    if (i >= text.size()) return {false, i};
    const std::uint8_t b = ByteAt(text, i);
    const bool fits = i == 1 ? b >= lead.second_min && b <= lead.second_max : (b & 0xC0U) == 0x80;
    if (!fits) return {false, i};
    code_point = (code_point << 6U) | (b & 0x3FU);
  }
  return {true, lead.length, code_point};
}

bool IsValidUtf8(std::string_view text) {
  while (!text.empty()) {
    const Utf8Step step = DecodeUtf8(text);
    if (!step.valid) return false;
    text.remove_prefix(step.length);
  }
  return true;
}

std::string ReplaceInvalidUtf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const Utf8Step step = DecodeUtf8(text);
    out += step.valid ? text.substr(0, step.length) : kReplacement;
    text.remove_prefix(step.length);
  }
  return out;
}

void AppendUtf8(char32_t code_point, std::string& out) {
  const auto tail = [&](unsigned shift) {
    out += static_cast<char>(0x80U | (static_cast<std::uint32_t>(code_point) >> shift & 0x3FU));
  };
  const auto value = static_cast<std::uint32_t>(code_point);
  if (value < 0x80) {
    out += static_cast<char>(value);
  } else if (value < 0x800) {
    out += static_cast<char>(0xC0U | value >> 6U);
    tail(0);
  } else if (value < 0x10000) {
    out += static_cast<char>(0xE0U | value >> 12U);
    tail(6);
    tail(0);
  } else {
    out += static_cast<char>(0xF0U | value >> 18U);
    tail(12);
    tail(6);
    tail(0);
  }
}

std::string_view CutUtf8(std::string_view text, std::size_t max_bytes) {
  if (text.size() <= max_bytes) return text;
  std::size_t end = max_bytes;
  while (end > 0 && max_bytes - end < 3 && (ByteAt(text, end) & 0xC0U) == 0x80) --end;
  return text.substr(0, end);
}

}  // namespace auditflow
