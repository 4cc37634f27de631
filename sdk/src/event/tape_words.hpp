#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "auditflow/event/value.hpp"

/// The words of a tape, for code that goes over all of them.
namespace auditflow::event {

/// How many words a value takes; those of a container are told by its opening word.
enum Step : std::uint8_t { kContainer = 0, kOneWord = 1, kTwoWords = 2 };

/// By the type byte of a value's first word.
inline constexpr std::array<std::uint8_t, 256> kSteps = [] {
  std::array<std::uint8_t, 256> steps{};
  steps.fill(kOneWord);
  for (const char number : {'l', 'u', 'd'}) steps[static_cast<unsigned char>(number)] = kTwoWords;
  for (const char open : {'{', '['}) steps[static_cast<unsigned char>(open)] = kContainer;
  return steps;
}();

/// Keeps the lowest n bytes of a little-endian word.
inline constexpr std::array<std::uint64_t, 9> kEndMasks = {0,
                                                           0xff,
                                                           0xffff,
                                                           0xff'ffff,
                                                           0xffff'ffff,
                                                           0xff'ffff'ffff,
                                                           0xffff'ffff'ffff,
                                                           0xff'ffff'ffff'ffff,
                                                           ~std::uint64_t{0}};

/// Where the root stands on the tape of every document.
inline constexpr std::uint32_t kRootIndex = 1;

inline std::uint32_t ClosingIndex(std::uint64_t opening) {
  return static_cast<std::uint32_t>(opening) - 1;
}

/// The key at `offset` of a tape's string buffer. At least eight bytes from its start on can be
/// read, whatever its length: simdjson's buffer has slack behind the last one.
inline std::string_view KeyAt(const std::uint8_t* strings, std::uint32_t offset) {
  const std::uint8_t* at = strings + offset;
  std::uint32_t size = 0;
  std::memcpy(&size, at, sizeof size);
  return {reinterpret_cast<const char*>(at + sizeof size), size};
}

/// Where in the string buffer the text of a string ends, by its word on the tape.
inline std::size_t StringEnd(const std::uint8_t* strings, std::uint64_t word) {
  const std::string_view text = KeyAt(strings, static_cast<std::uint32_t>(word));
  return static_cast<std::size_t>(text.data() + text.size() -
                                  reinterpret_cast<const char*>(strings));
}

/// What an object is made of, in document order.
enum class TokenKind : std::uint8_t {
  kMember,  ///< a key with a scalar or an array, which is not looked into
  kObject,  ///< a key with an object, whose tokens follow up to its end
  kEnd,     ///< of an object
};

/// Calls `visit(TokenKind, std::string_view key)` for each token of the root, the last one its end.
/// `visit` returns false to stop. Requires a valid tape of an object. @return false if it was
/// stopped.
template <class Visit>
bool ForEachToken(const Tape& tape, Visit&& visit) {
  const std::uint32_t end = ClosingIndex(tape.words[kRootIndex]);
  for (std::uint32_t at = kRootIndex + 1;;) {
    if (tape.words[at] >> 56U != '"') {
      if (!visit(TokenKind::kEnd, std::string_view())) return false;
      if (at++ == end) return true;
      continue;
    }
    const Value value(&tape, at + 1);
    const std::string_view key = KeyAt(tape.strings, static_cast<std::uint32_t>(tape.words[at]));
    if (!visit(value.is_object() ? TokenKind::kObject : TokenKind::kMember, key)) return false;
    at = value.is_object() ? at + 2 : value.next_index();
  }
}

}  // namespace auditflow::event
