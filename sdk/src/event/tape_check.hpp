#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "auditflow/event/event.hpp"
#include "auditflow/event/value.hpp"

#include "src/event/layout_tree.hpp"

namespace auditflow::event {

/// Finds a key that occurs twice among up to `kMaxKeys` keys, which are named by their offsets in
/// the string buffer of a tape.
///
/// The hash is cheap and can be made to collide; the number of keys bounds what that costs.
class SmallKeySet {
 public:
  static constexpr std::size_t kMaxKeys = 64;

  void Clear();
  /// @return false if the key is there already.
  bool Add(const std::uint8_t* strings, std::uint32_t key);

 private:
  static constexpr unsigned kSlotBits = 10;

  // A slot is in use if its upper half is the current generation; the lower one names the key.
  std::array<std::uint64_t, std::size_t{1} << kSlotBits> slots_{};
  std::uint64_t generation_ = 0;
};

/// The same for any number of keys, with a hash whose seed nobody outside knows: linear whatever
/// the keys are.
class LargeKeySet {
 public:
  LargeKeySet();

  /// Makes room for `keys` keys; memory is reused.
  void Clear(std::size_t keys);
  bool Add(const std::uint8_t* strings, std::uint32_t key);

 private:
  struct Slot {
    std::uint64_t hash = 0;
    std::uint32_t key = 0;
    std::uint32_t generation = 0;
  };

  [[nodiscard]] std::uint64_t Hash(std::string_view key) const;

  std::array<std::uint64_t, 2> seed_;
  std::vector<Slot> slots_;
  std::size_t mask_ = 0;
  std::uint32_t generation_ = 0;
};

/// Decides on a parsed document what simdjson does not: duplicate keys and the limits.
///
/// Each word of the tape is visited once, by its parent; containers wait on a stack of their own,
/// so that only one object's keys are in the table at a time and nesting costs no call stack.
///
/// Thread safety: thread-compatible. Allocates only while its scratch grows.
class TapeCheck {
 public:
  /// @return whether the document is within `limits` and no object has a key twice.
  bool Accepts(const Tape& tape, const ParseLimits& limits);

  /// The same for a document of a known layout, of which only the arrays are left to look at.
  bool AcceptsFollowed(const Tape& tape, const LayoutTree::Followed& followed,
                       const ParseLimits& limits);

  /// After a document was accepted: how many bytes of the string buffer its strings fill; of one
  /// that was followed those in arrays alone.
  [[nodiscard]] std::size_t strings_size() const { return strings_size_; }

 private:
  struct Container {
    std::uint32_t at;
    std::uint32_t depth;
  };

  void Begin(const ParseLimits& limits);
  bool AcceptsWaiting(const Tape& tape);
  bool AcceptsObject(const Tape& tape, Container object);
  template <class KeySet>
  bool WalkObject(const Tape& tape, Container object, KeySet& keys);
  void WalkArray(const Tape& tape, Container array);
  void NoteString(const Tape& tape, std::uint64_t word);

  std::vector<Container> waiting_;
  std::size_t keys_seen_ = 0;
  std::size_t max_keys_ = 0;
  std::size_t max_depth_ = 0;
  std::size_t strings_size_ = 0;
  SmallKeySet small_;
  std::unique_ptr<LargeKeySet> large_;
};

}  // namespace auditflow::event
