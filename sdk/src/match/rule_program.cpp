#include "src/match/rule_program.hpp"

#include "src/match/atom_class.hpp"

namespace auditflow::match {

AtomBits::AtomBits(const AtomTable& atoms) : initial_((atoms.size() + 63) / 64, 0) {
  for (AtomId atom = 0; atom < atoms.size(); ++atom) {
    if (HoldsWhenMissing(atoms[atom].test))
      initial_[atom >> 6U] |= std::uint64_t{1} << (atom & 63U);
  }
  words_ = initial_;
}

std::uint32_t RulePrograms::Add(const Formula& formula, const LazyTests& lazy) {
  return Emit(formula, kTrue, kFalse, lazy);
}

// Backwards, so that every target is known when an instruction is written.
std::uint32_t RulePrograms::Emit(const Formula& formula, std::uint32_t if_true,
                                 std::uint32_t if_false, const LazyTests& lazy) {
  const std::vector<Formula>& children = formula.children;
  switch (formula.kind) {
    case Expression::Kind::kAtom: {
      const std::uint32_t number = lazy.NumberOf(formula.atom);
      const bool is_lazy = number != LazyTests::kEager;
      instructions_.push_back({is_lazy ? number | kLazyFlag : formula.atom, if_true, if_false});
      return static_cast<std::uint32_t>(instructions_.size() - 1);
    }
    case Expression::Kind::kNot:
      return Emit(children.front(), if_false, if_true, lazy);
    case Expression::Kind::kAnd:
      for (auto child = children.rbegin(); child != children.rend(); ++child) {
        if_true = Emit(*child, if_true, if_false, lazy);
      }
      return if_true;
    case Expression::Kind::kOr:
      break;
  }
  for (auto child = children.rbegin(); child != children.rend(); ++child) {
    if_false = Emit(*child, if_true, if_false, lazy);
  }
  return if_false;
}

}  // namespace auditflow::match
