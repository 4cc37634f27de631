#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "auditflow/core/result.hpp"

namespace auditflow::api {

using Sha256 = std::array<std::uint8_t, 32>;

/// FIPS 180-4, by libcrypto.
Result<Sha256> DigestOf(std::string_view text);
/// In a time that depends on neither.
bool EqualInConstantTime(const Sha256& a, const Sha256& b);

std::string ToHex(const Sha256& digest);
/// 64 hexadecimal digits in either case.
std::optional<Sha256> FromHex(std::string_view text);

/// 32 bytes of the system's randomness as base64url without padding (RFC 4648 section 5).
Result<std::string> RandomText();
/// Strict base64 with padding (RFC 4648 section 4).
std::optional<std::string> DecodeBase64(std::string_view text);

}  // namespace auditflow::api
