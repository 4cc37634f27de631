#include "src/match/formula.hpp"

#include <utility>

#include "src/match/atom_class.hpp"
#include "src/match/literal_guard.hpp"

namespace auditflow::match {
namespace {

Formula Leaf(AtomId atom) { return {Expression::Kind::kAtom, atom, {}}; }

}  // namespace

Formula FormulaBuilder::Build(const Expression& expression) {
  if (expression.kind == Expression::Kind::kAtom) return BuildAtom(expression.atom);
  Formula formula{expression.kind, 0, {}};
  formula.children.reserve(expression.children.size());
  for (const Expression& child : expression.children) formula.children.push_back(Build(child));
  return formula;
}

Formula FormulaBuilder::BuildAtom(const Atom& atom) {
  const AtomId id = atoms_.Intern(atom);
  if (!IsLazy(atom.test)) return Leaf(id);
  Formula guard{Expression::Kind::kOr, 0, {}};
  for (const AtomId literal : GuardOf(id)) guard.children.push_back(Leaf(literal));
  Formula formula{Expression::Kind::kAnd, 0, {}};
  formula.children.push_back(std::move(guard));
  formula.children.push_back(Leaf(id));
  return formula;
}

const std::vector<AtomId>& FormulaBuilder::GuardOf(AtomId lazy) {
  const auto known = guards_.find(lazy);
  if (known != guards_.end()) return known->second;
  const Atom atom = atoms_[lazy];  // a copy: interning moves the table
  std::vector<AtomId> guard;
  for (Pattern& pattern : LiteralGuard(atom.test)) {
    guard.push_back(atoms_.Intern(Atom{atom.field, MatchesPattern{std::move(pattern)}}));
  }
  return guards_.emplace(lazy, std::move(guard)).first->second;
}

}  // namespace auditflow::match
