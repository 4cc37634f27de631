#include "src/match/rule_program.hpp"

#include <algorithm>
#include <utility>

namespace auditflow::match {

std::uint32_t RulePrograms::Add(const Formula& formula, const LazyTests& lazy) {
  return Emit(formula, kTrue, kFalse, lazy);
}

// Backwards, so that every target is known when an instruction is written.
std::uint32_t RulePrograms::Emit(const Formula& formula, std::uint32_t if_true,
                                 std::uint32_t if_false, const LazyTests& lazy) {
  switch (formula.kind) {
    case Expression::Kind::kAtom: {
      const std::uint32_t number = lazy.NumberOf(formula.atom);
      if (number != LazyTests::kEager) return Push({Kind::kLazy, number, if_true, if_false});
      return Push({Kind::kAtom, formula.atom, if_true, if_false});
    }
    case Expression::Kind::kNot:
      return Emit(formula.children.front(), if_false, if_true, lazy);
    case Expression::Kind::kAnd:
    case Expression::Kind::kOr:
      break;
  }
  return EmitChildren(formula, if_true, if_false, lazy);
}

std::uint32_t RulePrograms::EmitChildren(const Formula& formula, std::uint32_t if_true,
                                         std::uint32_t if_false, const LazyTests& lazy) {
  const bool is_and = formula.kind == Expression::Kind::kAnd;
  // Where an answer leads that leaves the matter open.
  std::uint32_t& next = is_and ? if_true : if_false;
  std::vector<AtomId> eager;
  for (auto child = formula.children.rbegin(); child != formula.children.rend(); ++child) {
    if (child->kind == Expression::Kind::kAtom && lazy.NumberOf(child->atom) == LazyTests::kEager) {
      eager.push_back(child->atom);
    } else {
      next = Emit(*child, if_true, if_false, lazy);
    }
  }
  if (eager.empty()) return next;
  return EmitGroup(is_and ? Kind::kAllOf : Kind::kAnyOf, std::move(eager), if_true, if_false);
}

std::uint32_t RulePrograms::EmitGroup(Kind kind, std::vector<AtomId> atoms, std::uint32_t if_true,
                                      std::uint32_t if_false) {
  if (atoms.size() == 1) return Push({Kind::kAtom, atoms.front(), if_true, if_false});
  std::sort(atoms.begin(), atoms.end());
  const auto begin = static_cast<std::uint32_t>(masks_.size());
  for (const AtomId atom : atoms) {
    const std::uint32_t word = atom >> 6U;
    if (masks_.size() == begin || masks_.back().word != word) masks_.push_back({word, 0});
    masks_.back().bits |= std::uint64_t{1} << (atom & 63U);
  }
  groups_.push_back({begin, static_cast<std::uint32_t>(masks_.size())});
  return Push({kind, static_cast<std::uint32_t>(groups_.size() - 1), if_true, if_false});
}

std::uint32_t RulePrograms::Push(const Instruction& instruction) {
  instructions_.push_back(instruction);
  return static_cast<std::uint32_t>(instructions_.size() - 1);
}

}  // namespace auditflow::match
