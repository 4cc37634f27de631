#include "src/match/encoding.hpp"

#include <array>
#include <cstdint>

#include "src/match/utf8.hpp"

namespace auditflow::match {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void AppendUnit(std::uint32_t unit, Utf16Order order, std::string& out) {
  const char high = static_cast<char>(unit >> 8U & 0xFFU);
  const char low = static_cast<char>(unit & 0xFFU);
  out += order == Utf16Order::kBig ? high : low;
  out += order == Utf16Order::kBig ? low : high;
}

}  // namespace

std::string Base64(std::string_view bytes) {
  std::string out;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::string_view group = bytes.substr(at, 3);
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      bits = bits << 8U | (i < group.size() ? static_cast<unsigned char>(group[i]) : 0U);
    }
    for (std::size_t i = 0; i < 4; ++i) {
      out += i <= group.size() ? kAlphabet[bits >> (18 - 6 * i) & 0x3FU] : '=';
    }
  }
  return out;
}

std::string Base64At(std::string_view bytes, std::size_t offset) {
  constexpr std::array<std::size_t, kBase64Offsets> kStartCut = {0, 2, 3};
  constexpr std::array<std::size_t, kBase64Offsets> kEndCut = {0, 3, 2};
  std::string text = Base64(std::string(offset, ' ').append(bytes));
  text.erase(text.size() - kEndCut[(bytes.size() + offset) % 3]);
  return text.erase(0, kStartCut[offset]);
}

std::string Utf16(std::string_view utf8, Utf16Order order) {
  std::string out;
  for (std::size_t at = 0; at < utf8.size();) {
    const CodePoint code_point = DecodeAt(utf8, at);
    at += code_point.length;
    const auto value = code_point.valid ? static_cast<std::uint32_t>(code_point.value) : 0xFFFDU;
    if (value < 0x10000) {
      AppendUnit(value, order, out);
    } else {
      AppendUnit(0xD800U + ((value - 0x10000) >> 10U), order, out);
      AppendUnit(0xDC00U + ((value - 0x10000) & 0x3FFU), order, out);
    }
  }
  return out;
}

}  // namespace auditflow::match
