#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "auditflow/event/value.hpp"

#include "src/core/bytes.hpp"

namespace auditflow::event {

/// The key at `offset` of a tape's string buffer.
inline std::string_view KeyAt(const std::uint8_t* strings, std::uint32_t offset) {
  const std::uint8_t* at = strings + offset;
  std::uint32_t size = 0;
  std::memcpy(&size, at, sizeof size);
  return {reinterpret_cast<const char*>(at + sizeof size), size};
}

/// The keys of an object in their order, no two of them equal.
struct KeyLayout {
  std::uint64_t id = 0;             ///< of no other layout in this process; 0: none
  std::string text;                 ///< the keys with nothing between them
  std::vector<std::uint32_t> ends;  ///< of each key within the text
};

/// A key set that takes the keys of one layout in their order and no others.
class ExpectedKeys {
 public:
  explicit ExpectedKeys(const KeyLayout& layout) : layout_(layout) {}

  /// @return false if the key is not the one that comes next.
  bool Add(const std::uint8_t* strings, std::uint32_t key) {
    if (next_ == layout_.ends.size()) return false;
    const std::string_view found = KeyAt(strings, key);
    const std::uint32_t end = layout_.ends[next_++];
    const char* const expected = layout_.text.data() + begin_;
    const std::uint32_t size = end - begin_;
    begin_ = end;
    return size == found.size() && EqualBytes(found.data(), expected, size);
  }
  [[nodiscard]] bool HasAll() const { return next_ == layout_.ends.size(); }

 private:
  const KeyLayout& layout_;
  std::size_t next_ = 0;
  std::uint32_t begin_ = 0;
};

/// Remembers the key layouts of recent objects. Events of one source have the same keys in the same
/// order: comparing them with a layout takes less time than looking for duplicates among them, and
/// what a layout's keys mean has to be found out only once.
///
/// Bounded: 128 layouts of at most 64 keys and 4 KiB. Thread safety: thread-compatible.
class KeyLayouts {
 public:
  /// The layout that the object at `index` is likely to have; null if none is known. Requires a
  /// valid tape.
  [[nodiscard]] const KeyLayout* Guess(const Tape& tape, std::uint32_t index, std::size_t members);
  /// After a guess that was wrong or not possible: remembers the layout of the same object, in
  /// which no key may occur twice. @return its id; 0 if it is not remembered.
  std::uint64_t Learn(const Tape& tape, std::uint32_t index);

 private:
  static constexpr std::size_t kMostKeys = 64;
  static constexpr std::size_t kMostText = 4096;
  static constexpr std::uint32_t kTrial = 256;
  static constexpr std::uint32_t kPause = 4096;

  void CountAsked();

  std::array<KeyLayout, 128> layouts_;
  KeyLayout* guess_ = nullptr;
  std::uint32_t asked_ = 0;
  std::uint32_t learned_ = 0;
  std::uint32_t skip_ = 0;  ///< how many objects to pass over, when nearly each one was new
};

}  // namespace auditflow::event
