#include "src/curl/signature.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace auditflow::curl {
namespace {

constexpr std::string_view kPrefix = "whsec_";
constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

}  // namespace

std::string Base64(std::string_view bytes) {
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t group = 0;
    for (std::size_t j = 0; j < 3; ++j) {
      group = group << 8U | (j < count ? static_cast<std::uint8_t>(bytes[i + j]) : 0U);
    }
    for (std::size_t j = 0; j < 4; ++j) {
      text += j > count ? '=' : kAlphabet[group >> (18U - 6U * j) & 0x3FU];
    }
  }
  return text;
}

Result<Secret> SigningKey(const Secret& text) {
  std::string_view rest = text.Reveal();
  if (!rest.starts_with(kPrefix)) return text;
  rest.remove_prefix(kPrefix.size());
  while (rest.ends_with('=')) rest.remove_suffix(1);
  std::string bytes;
  std::uint32_t group = 0;
  unsigned bits = 0;
  for (const char c : rest) {
    const std::size_t value = kAlphabet.find(c);
    if (value == std::string_view::npos) {
      return Error(InvalidArgument("signing_key: is not base64 after whsec_"));
    }
    group = (group << 6U | static_cast<std::uint32_t>(value)) & 0xFFFFFFU;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes += static_cast<char>(group >> bits & 0xFFU);
  }
  if (bytes.empty()) return Error(InvalidArgument("signing_key: is empty after whsec_"));
  return Secret(std::move(bytes));
}

std::string Sign(const Secret& key, std::string_view id, std::string_view timestamp,
                 std::string_view body) {
  std::string text(id);
  text.append(".").append(timestamp).append(".").append(body);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  HMAC(EVP_sha256(), key.Reveal().data(), static_cast<int>(key.Reveal().size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(), &length);
  return "v1," + Base64({reinterpret_cast<const char*>(digest.data()), length});
}

}  // namespace auditflow::curl
