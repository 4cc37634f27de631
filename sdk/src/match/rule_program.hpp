#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "src/match/atom_table.hpp"
#include "src/match/formula.hpp"
#include "src/match/lazy_tests.hpp"

namespace auditflow::match {

/// The answers to all atoms for the event at hand, one bit each.
class AtomBits {
 public:
  /// Starts with the answers of an empty event.
  explicit AtomBits(const AtomTable& atoms);

  [[nodiscard]] bool Get(AtomId atom) const { return (words_[atom >> 6U] >> (atom & 63U)) & 1U; }

  void Set(AtomId atom) {
    std::uint64_t& word = words_[atom >> 6U];
    const std::uint64_t mask = std::uint64_t{1} << (atom & 63U);
    if ((word & mask) != 0) return;
    word |= mask;
    changed_.push_back(atom);
  }
  void Clear(AtomId atom) {
    std::uint64_t& word = words_[atom >> 6U];
    const std::uint64_t mask = std::uint64_t{1} << (atom & 63U);
    if ((word & mask) == 0) return;
    word &= ~mask;
    changed_.push_back(atom);
  }
  /// Every atom whose answer was changed since the reset, some perhaps twice or back again.
  [[nodiscard]] std::span<const AtomId> changed() const { return changed_; }

  /// Back to the answers of an empty event; costs only what changed.
  void Reset() {
    for (const AtomId atom : changed_) words_[atom >> 6U] = initial_[atom >> 6U];
    changed_.clear();
  }

 private:
  std::vector<std::uint64_t> words_;
  std::vector<std::uint64_t> initial_;
  std::vector<AtomId> changed_;
};

/// Rules as decision programs: each instruction asks one atom and names where to go on either
/// answer, so that `and`, `or` and `not` cost nothing at run time and evaluation stops at the first
/// atom that settles the rule.
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
      const bool holds = (instruction.question & kLazyFlag) != 0
                             ? ask_lazy(instruction.question & ~kLazyFlag)
                             : bits.Get(instruction.question);
      at = holds ? instruction.if_true : instruction.if_false;
    }
    return at == kTrue;
  }

 private:
  static constexpr std::uint32_t kFalse = 0xFFFFFFFEU;
  static constexpr std::uint32_t kTrue = 0xFFFFFFFFU;
  static constexpr std::uint32_t kLazyFlag = 0x80000000U;
  struct Instruction {
    std::uint32_t question;  ///< an atom, or with kLazyFlag the number of a lazy one
    std::uint32_t if_true;
    std::uint32_t if_false;
  };

  std::uint32_t Emit(const Formula& formula, std::uint32_t if_true, std::uint32_t if_false,
                     const LazyTests& lazy);

  std::vector<Instruction> instructions_;
};

}  // namespace auditflow::match
