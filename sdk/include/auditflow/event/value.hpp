#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

namespace auditflow::event {

enum class Type : std::uint8_t { kNull, kBool, kInt64, kUint64, kDouble, kString, kArray, kObject };

/// The parsed form of one JSON document, owned by its `Event`.
///
/// The layout is simdjson's tape (see doc/tape.md of that project): one 64-bit word per value, its
/// type in the top byte and a payload below. A number takes a second word with its bits; a string's
/// payload is the offset of a 32-bit length that the bytes follow; a container's opening word holds
/// in its low 32 bits the index after its closing word. Reading it here keeps simdjson out of every
/// program that includes this header.
struct Tape {
  const std::uint64_t* words = nullptr;
  const std::uint8_t* strings = nullptr;
};

/// One value inside an `Event`: a view that costs as much to copy as two pointers.
///
/// Lifetime: valid until the `Event` it came from is destroyed or parsed into again; moving the
/// event keeps it valid. Thread safety: immutable.
class Value {
 public:
  Value(const Tape* tape, std::uint32_t index) : tape_(tape), index_(index) {}

  [[nodiscard]] Type type() const;
  [[nodiscard]] bool is_string() const { return tag() == '"'; }
  [[nodiscard]] bool is_object() const { return tag() == '{'; }
  [[nodiscard]] bool is_array() const { return tag() == '['; }
  [[nodiscard]] bool is_null() const { return tag() == 'n'; }
  [[nodiscard]] bool is_scalar() const { return !is_object() && !is_array(); }

  // Each accessor requires the type it names.
  [[nodiscard]] bool bool_value() const { return tag() == 't'; }
  [[nodiscard]] std::int64_t int64_value() const {
    return std::bit_cast<std::int64_t>(tape_->words[index_ + 1]);
  }
  [[nodiscard]] std::uint64_t uint64_value() const { return tape_->words[index_ + 1]; }
  [[nodiscard]] double double_value() const {
    return std::bit_cast<double>(tape_->words[index_ + 1]);
  }
  /// Unescaped UTF-8; may hold NUL.
  [[nodiscard]] std::string_view string_value() const {
    const std::uint8_t* at = tape_->strings + payload();
    std::uint32_t length;
    std::memcpy(&length, at, sizeof length);
    return {reinterpret_cast<const char*>(at + sizeof length), length};
  }

  /// Calls `visit(std::string_view key, Value value)` for each member in document order; a `visit`
  /// that returns false stops the walk. Requires an object.
  template <class Visit>
  void ForEachMember(Visit&& visit) const {
    const std::uint32_t end = closing_index();
    for (std::uint32_t at = index_ + 1; at < end;) {
      const std::string_view key = Value(tape_, at).string_value();
      const Value value(tape_, at + 1);
      if (!Continue(visit, key, value)) return;
      at = value.next_index();
    }
  }
  /// Calls `visit(Value value)` likewise, without a look at the keys.
  template <class Visit>
  void ForEachMemberValue(Visit&& visit) const {
    const std::uint32_t end = closing_index();
    for (std::uint32_t at = index_ + 1; at < end;) {
      const Value value(tape_, at + 1);
      if (!Continue(visit, value)) return;
      at = value.next_index();
    }
  }
  /// Calls `visit(Value element)` likewise. Requires an array.
  template <class Visit>
  void ForEachElement(Visit&& visit) const {
    const std::uint32_t end = closing_index();
    for (std::uint32_t at = index_ + 1; at < end;) {
      const Value value(tape_, at);
      if (!Continue(visit, value)) return;
      at = value.next_index();
    }
  }

  /// The member with exactly this key; nothing if there is none or this is no object.
  [[nodiscard]] std::optional<Value> Find(std::string_view key) const;

  /// Where the value stands on the tape: identifies it within its event.
  [[nodiscard]] std::uint32_t index() const { return index_; }
  [[nodiscard]] const Tape* tape() const { return tape_; }
  /// simdjson's type byte: one of `{ [ " l u d t f n`.
  [[nodiscard]] char tag() const { return static_cast<char>(tape_->words[index_] >> 56U); }
  /// The index after this value, where its next sibling stands.
  [[nodiscard]] std::uint32_t next_index() const {
    switch (tag()) {
      case '{':
      case '[':
        return closing_index() + 1;
      case 'l':
      case 'u':
      case 'd':
        return index_ + 2;
      default:
        return index_ + 1;
    }
  }

 private:
  [[nodiscard]] std::uint64_t payload() const {
    return tape_->words[index_] & ((std::uint64_t{1} << 56U) - 1);
  }
  [[nodiscard]] std::uint32_t closing_index() const {
    return static_cast<std::uint32_t>(tape_->words[index_]) - 1;
  }

  template <class Visit, class... Args>
  static bool Continue(Visit&& visit, Args&&... args) {
    if constexpr (std::is_void_v<std::invoke_result_t<Visit, Args...>>) {
      visit(std::forward<Args>(args)...);
      return true;
    } else {
      return visit(std::forward<Args>(args)...);
    }
  }

  const Tape* tape_;
  std::uint32_t index_;
};

}  // namespace auditflow::event
