#include "auditflow/core/uuid.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#include "auditflow/core/random.hpp"

#include "src/core/os_random.hpp"
#include "src/core/sha1.hpp"
#include "src/core/wide_multiply.hpp"

namespace auditflow {
namespace {

constexpr std::size_t kTextSize = 36;

bool IsHyphenPlace(std::size_t at) { return at == 8 || at == 13 || at == 18 || at == 23; }

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

void StoreBigEndian(std::uint64_t word, std::uint8_t* out) {
  for (unsigned i = 0; i < 8; ++i) out[i] = static_cast<std::uint8_t>(word >> (56 - 8 * i));
}

void StampVersion(Uuid::Bytes& bytes, unsigned version) {
  bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0fU) | version << 4U);
  bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3fU) | 0x80U);
}

Status WrongCharacter(std::size_t at) {
  return InvalidArgument("not a UUID: character " + std::to_string(at + 1) + " should be a " +
                         (IsHyphenPlace(at) ? "hyphen" : "hexadecimal digit"));
}

/// Event ids come from outside: without a secret they could be chosen to share one hash bucket.
const std::array<std::uint64_t, 2>& HashSecret() {
  static const std::array<std::uint64_t, 2> secret = [] {
    std::array<std::uint64_t, 2> words{};
    FillFromOs(words);
    return words;
  }();
  return secret;
}

}  // namespace

Result<Uuid> Uuid::Parse(std::string_view text) {
  if (text.size() != kTextSize) {
    return Error(InvalidArgument("not a UUID: " + std::to_string(text.size()) +
                                 " characters instead of 36"));
  }
  Bytes bytes{};
  std::size_t digit = 0;
  for (std::size_t at = 0; at < kTextSize; ++at) {
    if (IsHyphenPlace(at)) {
      if (text[at] != '-') return Error(WrongCharacter(at));
      continue;
    }
    const int value = HexValue(text[at]);
    if (value < 0) return Error(WrongCharacter(at));
    bytes[digit / 2] = static_cast<std::uint8_t>(bytes[digit / 2] << 4U | value);
    ++digit;
  }
  return Uuid(bytes);
}

Uuid Uuid::Random(RandomSource& random) {
  Bytes bytes{};
  StoreBigEndian(random.Next(), bytes.data());
  StoreBigEndian(random.Next(), bytes.data() + 8);
  StampVersion(bytes, 4);
  return Uuid(bytes);
}

Uuid Uuid::V5(const Uuid& name_space, std::string_view name) {
  Sha1 sha1;
  sha1.Update(name_space.bytes_);
  sha1.Update(name);
  const Sha1::Digest digest = sha1.Finish();
  Bytes bytes{};
  std::copy_n(digest.begin(), bytes.size(), bytes.begin());
  StampVersion(bytes, 5);
  return Uuid(bytes);
}

std::string Uuid::ToString() const {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text(kTextSize, '-');
  std::size_t at = 0;
  for (const std::uint8_t byte : bytes_) {
    if (IsHyphenPlace(at)) ++at;
    text[at++] = kDigits[byte >> 4U];
    text[at++] = kDigits[byte & 0x0fU];
  }
  return text;
}

}  // namespace auditflow

std::size_t std::hash<auditflow::Uuid>::operator()(const auditflow::Uuid& uuid) const noexcept {
  const auto words = std::bit_cast<std::array<std::uint64_t, 2>>(uuid.bytes());
  const auto& secret = auditflow::HashSecret();
  const auto product = auditflow::MultiplyWide(words[0] ^ secret[0], words[1] ^ secret[1]);
  return static_cast<std::size_t>(product.high ^ product.low);
}
