#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "src/match/atom_table.hpp"
#include "src/match/string_index.hpp"

namespace auditflow::match {

/// Remembers what an engine answered for a field's recent strings: logs say the same few things
/// again and again, and looking one up costs a fraction of searching it for thousands of literals.
///
/// Direct-mapped and bounded; a miss replaces what was there. Thread safety: thread-compatible.
class ValueMemo {
 public:
  /// Longer strings repeat less and would cost more to keep.
  static constexpr std::size_t kLongest = 256;

  /// The atoms that hold for `text`; `answer(std::vector<AtomId>&)` finds them if they are not
  /// remembered.
  template <class Answer>
  const std::vector<AtomId>& Find(std::string_view text, Answer&& answer) {
    const std::uint64_t hash = HashBytes(text);
    Slot& slot = slots_[hash >> (64 - kBits)];
    if (slot.hash != hash || slot.text.size() != text.size() ||
        !EqualBytes(slot.text.data(), text.data(), text.size())) {
      slot.atoms.clear();
      answer(slot.atoms);
      slot.hash = hash;
      slot.text = text;
    }
    return slot.atoms;
  }

 private:
  static constexpr unsigned kBits = 6;
  struct Slot {
    std::uint64_t hash =
        1;  ///< of no string of the length below, so that an unused slot is never found
    std::string text;
    std::vector<AtomId> atoms;
  };

  std::array<Slot, std::size_t{1} << kBits> slots_;
};

}  // namespace auditflow::match
