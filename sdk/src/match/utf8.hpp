#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace auditflow::match {

/// One step through UTF-8 text.
struct CodePoint {
  char32_t value = 0;
  std::size_t length = 1;  ///< bytes
  bool valid = true;       ///< else `value` is the one byte that starts no valid sequence
};

/// The code point at `at`, which must be inside the text; an invalid byte counts as one character.
inline CodePoint DecodeAt(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) -> std::uint32_t {
    return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0U;
  };
  const std::uint32_t lead = byte(0);
  if (lead < 0x80) return {static_cast<char32_t>(lead), 1, true};
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  constexpr std::array<std::uint32_t, 5> kSmallest = {0, 0, 0x80, 0x800, 0x10000};
  std::uint32_t value = lead & (0x7FU >> length);
  bool valid = lead >= 0xC2 && lead < 0xF5;
  for (std::size_t i = 1; i < length; ++i) {
    valid = valid && (byte(i) & 0xC0U) == 0x80;
    value = value << 6U | (byte(i) & 0x3FU);
  }
  valid = valid && value >= kSmallest[length] && value <= 0x10FFFF && (value & ~0x7FFU) != 0xD800;
  if (!valid) return {static_cast<char32_t>(lead), 1, false};
  return {static_cast<char32_t>(value), length, true};
}

}  // namespace auditflow::match
