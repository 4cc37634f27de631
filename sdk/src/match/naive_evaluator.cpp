#include "src/match/naive_evaluator.hpp"

#include <algorithm>

#include "src/match/atom_question.hpp"

namespace auditflow::match {
namespace {

bool Ask(const Atom& atom, const event::Event& event, const FieldReader& fields) {
  const auto* test = std::get_if<MatchesRegex>(&atom.test);
  if (test == nullptr) return AtomHolds(atom, nullptr, event, fields);
  return AtomHolds(atom, test->program.get(), event, fields);
}

}  // namespace

bool EvaluateNaively(const Expression& expression, const event::Event& event) {
  return EvaluateNaively(expression, event, FieldReader());
}

bool EvaluateNaively(const Expression& expression, const event::Event& event,
                     const FieldReader& fields) {
  const auto holds = [&](const Expression& child) { return EvaluateNaively(child, event, fields); };
  switch (expression.kind) {
    case Expression::Kind::kAtom:
      return Ask(expression.atom, event, fields);
    case Expression::Kind::kNot:
      return !holds(expression.children.front());
    case Expression::Kind::kAnd:
      return std::all_of(expression.children.begin(), expression.children.end(), holds);
    case Expression::Kind::kOr:
      break;
  }
  return std::any_of(expression.children.begin(), expression.children.end(), holds);
}

}  // namespace auditflow::match
