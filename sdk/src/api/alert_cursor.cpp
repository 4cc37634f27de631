#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "auditflow/api/alerts.hpp"

namespace auditflow::api {
namespace {

// Base64 of RFC 4648 section 5; 33 bytes make 44 characters without padding.
constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::uint8_t kForm = 1;
constexpr std::size_t kBytes = 33;  ///< the form, two times, an id
constexpr std::size_t kTextLength = kBytes / 3 * 4;

using Bytes = std::array<std::uint8_t, kBytes>;

void PutNanos(Timestamp time, std::uint8_t* out) {
  const auto nanos = static_cast<std::uint64_t>(time.unix_nanos());
  for (unsigned i = 0; i < 8; ++i) out[i] = static_cast<std::uint8_t>(nanos >> (56 - 8 * i));
}

Timestamp GetNanos(const std::uint8_t* in) {
  std::uint64_t nanos = 0;
  for (unsigned i = 0; i < 8; ++i) nanos = nanos << 8U | in[i];
  return Timestamp::FromUnixNanos(static_cast<std::int64_t>(nanos));
}

std::optional<Bytes> FromBase64(std::string_view text) {
  if (text.size() != kTextLength) return std::nullopt;
  Bytes bytes{};
  for (std::size_t i = 0; i < kTextLength / 4; ++i) {
    std::uint32_t group = 0;
    for (const char c : text.substr(4 * i, 4)) {
      const std::size_t digit = kAlphabet.find(c);
      if (digit == std::string_view::npos) return std::nullopt;
      group = group << 6U | static_cast<std::uint32_t>(digit);
    }
    for (unsigned j = 0; j < 3; ++j) {
      bytes.at(3 * i + j) = static_cast<std::uint8_t>(group >> (16 - 8 * j));
    }
  }
  return bytes;
}

}  // namespace

std::string EncodeAlertCursor(const store::AlertCursor& cursor) {
  Bytes bytes{kForm};
  PutNanos(cursor.timestamp, &bytes[1]);
  PutNanos(cursor.received_at, &bytes[9]);
  std::ranges::copy(cursor.alert_id.bytes(), &bytes[17]);
  std::string text;
  for (std::size_t i = 0; i < kBytes; i += 3) {
    const std::uint32_t group = static_cast<std::uint32_t>(bytes.at(i)) << 16U |
                                static_cast<std::uint32_t>(bytes.at(i + 1)) << 8U | bytes.at(i + 2);
    for (unsigned j = 0; j < 4; ++j) text.push_back(kAlphabet[group >> (18 - 6 * j) & 63U]);
  }
  return text;
}

Result<store::AlertCursor> DecodeAlertCursor(std::string_view text) {
  const std::optional<Bytes> bytes = FromBase64(text);
  if (!bytes || bytes->front() != kForm) {
    return Error(InvalidArgument("cursor: is none that this service gave"));
  }
  Uuid::Bytes id{};
  std::copy_n(&(*bytes)[17], id.size(), id.begin());
  return store::AlertCursor{GetNanos(&(*bytes)[1]), GetNanos(&(*bytes)[9]), Uuid(id)};
}

}  // namespace auditflow::api
