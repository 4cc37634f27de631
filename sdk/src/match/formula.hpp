#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "src/match/atom_table.hpp"
#include "src/match/expression.hpp"

namespace auditflow::match {

/// An expression over interned atoms, each lazy atom guarded: `R` becomes `(L1 or L2 …) and R`,
/// where R cannot hold unless one of the eager atoms L does. So a regular expression or a glob runs
/// only on events that hold its literals.
struct Formula {
  Expression::Kind kind = Expression::Kind::kAnd;
  AtomId atom = 0;
  std::vector<Formula> children;
};

/// Thread safety: thread-compatible.
class FormulaBuilder {
 public:
  explicit FormulaBuilder(AtomTable& atoms) : atoms_(atoms) {}

  Formula Build(const Expression& expression);

 private:
  Formula BuildAtom(const Atom& atom);
  const std::vector<AtomId>& GuardOf(AtomId lazy);

  AtomTable& atoms_;
  std::unordered_map<AtomId, std::vector<AtomId>> guards_;
};

}  // namespace auditflow::match
