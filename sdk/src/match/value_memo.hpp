#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "auditflow/event/value.hpp"

#include "src/core/bytes.hpp"
#include "src/match/atom_table.hpp"
#include "src/match/string_index.hpp"
#include "src/match/trigger_table.hpp"

namespace auditflow::match {

/// A scalar by which answers can be remembered: two scalars with equal keys have the same answers.
class MemoKey {
 public:
  /// Longer strings repeat less and would cost more to keep.
  static constexpr std::size_t kLongest = 1024;

  std::uint32_t kind_and_size = 0;
  std::string_view bytes;  ///< of the string, or of the number in the machine's order

  /// @return nothing for what is not worth remembering or has several spellings.
  static std::optional<MemoKey> Of(event::Value scalar) {
    const auto kind = static_cast<std::uint32_t>(static_cast<unsigned char>(scalar.tag())) << 16U;
    switch (scalar.tag()) {
      case '"': {
        const std::string_view text = scalar.string_value();
        if (text.size() > kLongest) return std::nullopt;
        return MemoKey{kind | static_cast<std::uint32_t>(text.size()), text};
      }
      case 'l':
        if (scalar.int64_value() == 0) return std::nullopt;  // may be written -0
        return MemoKey{kind | 8U, BytesOfNumber(scalar)};
      case 'u':
        return MemoKey{kind | 8U, BytesOfNumber(scalar)};
      case 't':
      case 'f':
      case 'n':
        return MemoKey{kind, {}};
      default:
        return std::nullopt;
    }
  }

  /// Of the kind, the length and up to three words of the text: as many steps for long strings as
  /// for short ones. Strings that agree in these drive each other out, which costs time and no
  /// more.
  [[nodiscard]] std::uint64_t Hash() const {
    constexpr std::uint64_t kFirst = 0x9FB21C651E98DF25U;
    constexpr std::uint64_t kSecond = 0x9E3779B97F4A7C15U;
    const auto mix = [](std::uint64_t hash) { return hash ^ (hash >> 32U); };
    if (bytes.size() < 8) return mix((HashBytes(bytes) ^ kind_and_size) * kFirst);
    const auto word = [&](std::size_t at) { return LoadWord<std::uint64_t>(bytes.data() + at); };
    const std::uint64_t ends =
        (word(0) ^ kind_and_size) * kFirst + word(bytes.size() - 8) * kSecond;
    return mix((mix(ends) ^ word(bytes.size() / 2 - 4)) * kFirst);
  }

 private:
  static std::string_view BytesOfNumber(event::Value number) {
    const std::uint64_t* const word = number.tape()->words + number.index() + 1;
    return {reinterpret_cast<const char*>(word), sizeof *word};
  }
};

/// Remembers what was found out about a field's recent values: logs say the same few things again
/// and again, and looking one up costs a fraction of searching it for thousands of literals.
///
/// Four-way associative and bounded; a miss replaces one that was not asked for lately. What is
/// known of one value lies side by side in memory, because a look-up costs what it waits for.
/// Thread safety: thread-compatible.
class ValueMemo {
 public:
  /// What is found out about a value that is not remembered.
  struct Findings {
    std::vector<AtomId> atoms;    ///< the eager atoms that hold for it
    std::vector<RuleSlot> slots;  ///< the rules that these trigger
  };

  /// What is known of one value.
  class alignas(64) Entry {
   public:
    Entry() { words_ = inline_.data(); }
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;

    [[nodiscard]] std::span<const AtomId> atoms() const { return {numbers(), atoms_}; }
    [[nodiscard]] std::span<const RuleSlot> slots() const { return {numbers() + atoms_, slots_}; }
    /// Of no other value of this memo, at any time.
    [[nodiscard]] std::uint64_t serial() const { return serial_; }
    /// Whether it is about this value; then it counts as asked for.
    [[nodiscard]] bool IsOf(const MemoKey& key) {
      if (!Holds(key)) return false;
      is_recent_ = true;
      return true;
    }

    /// The answer to a lazy atom, or that of `ask()`, which will be remembered.
    template <class Ask>
    bool LazyAnswer(std::uint32_t lazy, Ask&& ask) {
      for (const auto& [known, answer] : lazy_) {
        if (known == lazy) return answer;
      }
      const bool answer = ask();
      lazy_.emplace_back(lazy, answer);
      return answer;
    }

   private:
    friend class ValueMemo;

    static constexpr std::size_t kInline = 31;

    [[nodiscard]] bool Holds(const MemoKey& key) const {
      return kind_and_size_ == key.kind_and_size &&
             EqualBytes(reinterpret_cast<const char*>(words_), key.bytes.data(), key.bytes.size());
    }

    void Fill(const MemoKey& key, const Findings& findings, std::uint64_t serial) {
      key_words_ = static_cast<std::uint16_t>((key.bytes.size() + 3) / 4);
      words_ = RoomFor(key_words_ + findings.atoms.size() + findings.slots.size());
      if (!key.bytes.empty()) std::memcpy(words_, key.bytes.data(), key.bytes.size());
      std::copy(findings.atoms.begin(), findings.atoms.end(), numbers());
      std::copy(findings.slots.begin(), findings.slots.end(), numbers() + findings.atoms.size());
      atoms_ = static_cast<std::uint32_t>(findings.atoms.size());
      slots_ = static_cast<std::uint32_t>(findings.slots.size());
      kind_and_size_ = key.kind_and_size;
      serial_ = serial;
      is_recent_ = true;
      lazy_.clear();
    }

    std::uint32_t* RoomFor(std::size_t words) {
      if (words <= kInline) return inline_.data();
      if (words > capacity_) {
        capacity_ = static_cast<std::uint32_t>(std::bit_ceil(words));
        beyond_ = std::make_unique<std::uint32_t[]>(capacity_);
      }
      return beyond_.get();
    }

    [[nodiscard]] std::uint32_t* numbers() const { return words_ + key_words_; }

    // What every look-up reads, and a key of up to 32 bytes, are in one line of the cache.
    std::uint32_t* words_ = nullptr;  ///< the key's bytes in whole words, the atoms, the slots
    std::uint64_t serial_ = 0;
    std::uint32_t kind_and_size_ = ~std::uint32_t{0};  ///< of no key
    bool is_recent_ = false;                           ///< asked for since this was cleared
    std::uint16_t key_words_ = 0;
    std::uint32_t atoms_ = 0;
    std::uint32_t slots_ = 0;
    std::array<std::uint32_t, kInline> inline_{};
    std::uint32_t capacity_ = 0;
    std::vector<std::pair<std::uint32_t, bool>> lazy_;
    std::unique_ptr<std::uint32_t[]> beyond_;
  };

  /// False for a while when nearly every value is a new one: then looking here costs more than it
  /// saves.
  [[nodiscard]] bool IsWorthAsking() {
    if (skip_ == 0) return true;
    --skip_;
    return false;
  }

  /// `answer(Findings&)` finds out, into empty findings, about a value that is not remembered. The
  /// entry is valid until the next call.
  template <class Answer>
  Entry& Find(const MemoKey& key, Answer&& answer) {
    const std::uint64_t whole = key.Hash();
    const std::size_t index = whole >> (64 - kSetBits);
    const auto hash = static_cast<std::uint32_t>(whole);
    Set& set = sets_[index];
    if (++asked_ == kTrial) EndTrial();
    for (unsigned way = 0; way < kWays; ++way) {
      Entry& entry = entries_[index * kWays + way];
      if (set[way] == hash && entry.IsOf(key)) return entry;
    }
    ++missed_;
    findings_.atoms.clear();
    findings_.slots.clear();
    answer(findings_);
    DropRepeated(findings_.atoms);
    DropRepeated(findings_.slots);
    const unsigned way = MakeRoom(index);
    set[way] = hash;
    Entry& entry = entries_[index * kWays + way];
    entry.Fill(key, findings_, ++last_serial_);
    return entry;
  }

 private:
  static constexpr std::uint32_t kTrial = 256;
  static constexpr std::uint32_t kPause = 4096;
  static constexpr unsigned kSetBits = 5;
  static constexpr unsigned kWays = 4;

  /// What tells the entries of one place apart: the lower halves of their hashes.
  using Set = std::array<std::uint32_t, kWays>;

  /// @return the entry of the place to replace: one that was not asked for since all were.
  unsigned MakeRoom(std::size_t index) {
    const std::span<Entry> entries(&entries_[index * kWays], kWays);
    const auto forgotten = std::find_if(entries.begin(), entries.end(),
                                        [](const Entry& entry) { return !entry.is_recent_; });
    if (forgotten != entries.end()) return static_cast<unsigned>(forgotten - entries.begin());
    for (Entry& entry : entries) entry.is_recent_ = false;
    return 0;
  }

  static void DropRepeated(std::vector<std::uint32_t>& numbers) {
    std::sort(numbers.begin(), numbers.end());
    numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
  }

  void EndTrial() {
    if (missed_ > kTrial - kTrial / 8) skip_ = kPause;
    asked_ = missed_ = 0;
  }

  std::array<Set, std::size_t{1} << kSetBits> sets_{};
  std::array<Entry, std::size_t{kWays} << kSetBits> entries_;
  std::uint32_t asked_ = 0;
  std::uint32_t missed_ = 0;
  std::uint32_t skip_ = 0;
  std::uint64_t last_serial_ = 0;
  Findings findings_;
};

}  // namespace auditflow::match
