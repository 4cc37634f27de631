#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/core/bytes.hpp"
#include "src/match/atom_table.hpp"
#include "src/match/string_index.hpp"
#include "src/match/trigger_table.hpp"

namespace auditflow::match {

/// Remembers what was found out about a field's recent strings: logs say the same few things again
/// and again, and looking one up costs a fraction of searching it for thousands of literals.
///
/// Two-way associative and bounded; a miss replaces the older of two. Thread safety:
/// thread-compatible.
class ValueMemo {
 public:
  /// Longer strings repeat less and would cost more to keep.
  static constexpr std::size_t kLongest = 256;

  /// What is known of one string.
  struct Entry {
    std::vector<AtomId> atoms;    ///< the eager atoms that hold for it, some perhaps twice
    std::vector<RuleSlot> slots;  ///< the rules that these trigger, some perhaps twice
    /// Lazy atoms that were asked, and their answers.
    std::vector<std::pair<std::uint32_t, bool>> lazy;

    void Clear() {
      atoms.clear();
      slots.clear();
      lazy.clear();
    }
  };

  /// False for a while when nearly every string is a new one: then looking here costs more than it
  /// saves.
  [[nodiscard]] bool IsWorthAsking() {
    if (skip_ == 0) return true;
    --skip_;
    return false;
  }

  /// `answer(Entry&)` fills an empty entry if the string is not remembered. The entry is valid
  /// until the next call.
  template <class Answer>
  Entry& Find(std::string_view text, Answer&& answer) {
    const std::uint64_t hash = HashSome(text);
    Set& set = sets_[hash >> (64 - kSetBits)];
    if (++asked_ == kTrial) EndTrial();
    for (const std::uint8_t way : {std::uint8_t{0}, std::uint8_t{1}}) {
      if (!set.slots[way].Holds(hash, text)) continue;
      set.older = way ^ 1U;
      return set.slots[way].entry;
    }
    ++missed_;
    Slot& slot = set.slots[set.older];
    set.older ^= 1U;
    slot.entry.Clear();
    answer(slot.entry);
    slot.hash = hash;
    slot.text = text;
    return slot.entry;
  }

 private:
  /// Of the length and up to three words of the text: as many steps for long strings as for short
  /// ones. Strings that agree in these drive each other out, which costs time and no more.
  static std::uint64_t HashSome(std::string_view text) {
    if (text.size() < 8) return HashBytes(text);
    const auto word = [&](std::size_t at) { return LoadWord<std::uint64_t>(text.data() + at); };
    constexpr std::uint64_t kFirst = 0x9FB21C651E98DF25U;
    constexpr std::uint64_t kSecond = 0x9E3779B97F4A7C15U;
    const std::uint64_t ends = (word(0) ^ text.size()) * kFirst + word(text.size() - 8) * kSecond;
    const std::uint64_t hash = (ends ^ (ends >> 32U) ^ word(text.size() / 2 - 4)) * kFirst;
    return hash ^ (hash >> 32U);
  }

  static constexpr std::uint32_t kTrial = 256;
  static constexpr std::uint32_t kPause = 4096;

  void EndTrial() {
    if (missed_ > kTrial - kTrial / 8) skip_ = kPause;
    asked_ = missed_ = 0;
  }

  static constexpr unsigned kSetBits = 6;
  struct Slot {
    std::uint64_t hash =
        1;  ///< of no string of the length below, so that an unused slot is never found
    std::string text;
    Entry entry;

    [[nodiscard]] bool Holds(std::uint64_t wanted, std::string_view wanted_text) const {
      return hash == wanted && text.size() == wanted_text.size() &&
             EqualBytes(text.data(), wanted_text.data(), text.size());
    }
  };
  /// Two strings of one place do not drive each other out.
  struct Set {
    std::array<Slot, 2> slots;
    std::uint8_t older = 0;
  };

  std::array<Set, std::size_t{1} << kSetBits> sets_;
  std::uint32_t asked_ = 0;
  std::uint32_t missed_ = 0;
  std::uint32_t skip_ = 0;
};

/// The answer that `entry` remembers to a lazy atom, or that of `ask()`, which it will remember.
template <class Ask>
bool RememberedAnswer(ValueMemo::Entry& entry, std::uint32_t lazy, Ask&& ask) {
  for (const auto& [known, answer] : entry.lazy) {
    if (known == lazy) return answer;
  }
  const bool answer = ask();
  entry.lazy.emplace_back(lazy, answer);
  return answer;
}

}  // namespace auditflow::match
