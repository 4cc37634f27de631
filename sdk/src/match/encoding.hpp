#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

/// The encodings of the value modifiers. All work on bytes.
namespace auditflow::match {

/// RFC 4648, with padding.
std::string Base64(std::string_view bytes);

/// How many places a value can take relative to the groups of three bytes that Base64 encodes.
inline constexpr std::size_t kBase64Offsets = 3;

/// The characters of the Base64 form that `bytes` alone decide when they stand `offset` (0 to 2)
/// bytes after the start of a group: those that share bits with an unknown neighbour are cut off.
/// Empty for one byte at offset 1.
std::string Base64At(std::string_view bytes, std::size_t offset);

enum class Utf16Order : std::uint8_t { kLittle, kBig };

/// UTF-8 to UTF-16 without a byte-order mark; a byte that is no UTF-8 becomes U+FFFD.
std::string Utf16(std::string_view utf8, Utf16Order order);

}  // namespace auditflow::match
