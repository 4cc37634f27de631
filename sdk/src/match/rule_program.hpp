#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "src/match/atom_table.hpp"
#include "src/match/formula.hpp"
#include "src/match/lazy_tests.hpp"

namespace auditflow::match {

/// Some atoms whose answers stand in one word.
struct AtomMask {
  std::uint32_t word = 0;
  std::uint64_t bits = 0;
};

/// The answers to all eager atoms for the event at hand, one bit each.
class AtomBits {
 public:
  /// Nothing holds at first.
  explicit AtomBits(std::size_t atoms) : words_((atoms + 63) / 64, 0) {}

  [[nodiscard]] bool Get(AtomId atom) const { return (words_[atom >> 6U] >> (atom & 63U)) & 1U; }

  [[nodiscard]] bool HasAny(std::span<const AtomMask> masks) const {
    for (const AtomMask& mask : masks) {
      if ((words_[mask.word] & mask.bits) != 0) return true;
    }
    return false;
  }
  [[nodiscard]] bool HasAll(std::span<const AtomMask> masks) const {
    for (const AtomMask& mask : masks) {
      if ((words_[mask.word] & mask.bits) != mask.bits) return false;
    }
    return true;
  }

  void Set(AtomId atom) {
    std::uint64_t& word = words_[atom >> 6U];
    if (word == 0) changed_.push_back(atom >> 6U);
    word |= std::uint64_t{1} << (atom & 63U);
  }

  /// Nothing holds any more; costs only what was set.
  void Reset() {
    for (const std::uint32_t word : changed_) words_[word] = 0;
    changed_.clear();
  }

 private:
  std::vector<std::uint64_t> words_;
  std::vector<std::uint32_t> changed_;  ///< words that are not 0
};

/// Rules as decision programs: each instruction asks one question and names where to go on either
/// answer, so that `and`, `or` and `not` cost nothing at run time and evaluation stops at the first
/// answer that settles the rule. Atoms that stand side by side under one `and` or `or` are asked
/// together, a word of answers at a time.
///
/// Thread safety: immutable once built.
class RulePrograms {
 public:
  /// Appends a program. `lazy` numbers the lazy atoms. @return where it starts.
  std::uint32_t Add(const Formula& formula, const LazyTests& lazy);

  /// `ask_lazy(number)` answers a lazy atom.
  template <class AskLazy>
  [[nodiscard]] bool Evaluate(std::uint32_t start, const AtomBits& bits, AskLazy&& ask_lazy) const {
    std::uint32_t at = start;
    while (at < kFalse) {
      const Instruction& instruction = instructions_[at];
      at = Holds(instruction, bits, ask_lazy) ? instruction.if_true : instruction.if_false;
    }
    return at == kTrue;
  }

 private:
  static constexpr std::uint32_t kFalse = 0xFFFFFFFEU;
  static constexpr std::uint32_t kTrue = 0xFFFFFFFFU;

  enum class Kind : std::uint8_t {
    kAtom,   ///< operand: the atom
    kLazy,   ///< operand: the lazy atom's number
    kAnyOf,  ///< operand: index into groups_
    kAllOf,
  };
  struct Instruction {
    Kind kind = Kind::kAtom;
    std::uint32_t operand = 0;
    std::uint32_t if_true = 0;
    std::uint32_t if_false = 0;
  };
  struct Group {
    std::uint32_t begin = 0;  ///< into masks_
    std::uint32_t end = 0;
  };

  template <class AskLazy>
  [[nodiscard]] bool Holds(const Instruction& instruction, const AtomBits& bits,
                           AskLazy& ask_lazy) const {
    switch (instruction.kind) {
      case Kind::kAtom:
        return bits.Get(instruction.operand);
      case Kind::kLazy:
        return ask_lazy(instruction.operand);
      case Kind::kAnyOf:
        return bits.HasAny(MasksOf(instruction.operand));
      case Kind::kAllOf:
        return bits.HasAll(MasksOf(instruction.operand));
    }
    return false;
  }
  [[nodiscard]] std::span<const AtomMask> MasksOf(std::uint32_t group) const {
    return {masks_.data() + groups_[group].begin, masks_.data() + groups_[group].end};
  }

  std::uint32_t Emit(const Formula& formula, std::uint32_t if_true, std::uint32_t if_false,
                     const LazyTests& lazy);
  /// An `and` or `or`: its eager atoms first, as one instruction, then the rest.
  std::uint32_t EmitChildren(const Formula& formula, std::uint32_t if_true, std::uint32_t if_false,
                             const LazyTests& lazy);
  std::uint32_t EmitGroup(Kind kind, std::vector<AtomId> atoms, std::uint32_t if_true,
                          std::uint32_t if_false);
  std::uint32_t Push(const Instruction& instruction);

  std::vector<Instruction> instructions_;
  std::vector<Group> groups_;
  std::vector<AtomMask> masks_;
};

}  // namespace auditflow::match
