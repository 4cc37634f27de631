#include "src/match/trigger_selection.hpp"

#include <algorithm>
#include <cmath>

#include "src/match/atom_class.hpp"

namespace auditflow::match {
namespace {

struct Choice {
  std::vector<AtomId> atoms;
  double cost = 0;  ///< how many evaluations per event the atoms are guessed to cause
};

/// A guess at how often ordinary events answer yes. Only the order matters: a wrong guess costs
/// time, not truth.
struct Likelihood {
  double operator()(const MatchesPattern& test) const {
    std::size_t longest = 0;
    for (const Pattern::Part& part : test.pattern.parts) {
      longest = std::max(longest, part.text.size());
    }
    const double by_length = std::exp(-static_cast<double>(longest) / 3);
    switch (ShapeOf(test.pattern)) {
      case PatternShape::kAny:
        return 1;
      // Few values make up most of what a field ever holds, and rules name those.
      case PatternShape::kExact:
        return 0.05;
      case PatternShape::kSuffix:
        return 0.01 + 0.2 * by_length;
      default:
        return 0.001 + 0.5 * by_length;
    }
  }
  double operator()(const MatchesRegex&) const { return 0.02; }
  double operator()(const EqualsNumber&) const { return 0.1; }
  double operator()(const EqualsBool&) const { return 0.5; }
  double operator()(const IsNull&) const { return 1; }
  double operator()(const FieldExists&) const { return 1; }
  double operator()(const ComparesNumber&) const { return 0.5; }
  double operator()(const ComparesDatePart&) const { return 0.5; }
  double operator()(const InNetwork&) const { return 0.1; }
  double operator()(const RelatesToField&) const { return 0.3; }
};

class Selector {
 public:
  explicit Selector(AtomTable& atoms) : atoms_(atoms) {}

  std::optional<Choice> Select(const Formula& formula, bool negated) {
    switch (formula.kind) {
      case Expression::Kind::kAtom:
        return SelectAtom(formula.atom, negated);
      case Expression::Kind::kNot:
        return Select(formula.children.front(), !negated);
      case Expression::Kind::kAnd:
        return negated ? All(formula, negated) : Cheapest(formula, negated);
      case Expression::Kind::kOr:
        return negated ? Cheapest(formula, negated) : All(formula, negated);
    }
    return std::nullopt;
  }

 private:
  std::optional<Choice> SelectAtom(AtomId id, bool negated) {
    const Atom& atom = atoms_[id];
    const bool by_default = HoldsWhenMissing(atom.test);
    // Nobody sets a lazy atom; its guard stands beside it.
    if (!negated && !by_default && !IsLazy(atom.test)) return Of(id);
    // What has to turn false is noticed through the field being there at all.
    if (negated && by_default) return Of(atoms_.Intern(Atom{atom.field, FieldExists{true}}));
    return std::nullopt;
  }

  Choice Of(AtomId id) const {
    return {{id}, std::visit(Likelihood(), atoms_[id].test) * std::sqrt(atoms_.uses(id))};
  }

  std::optional<Choice> Cheapest(const Formula& formula, bool negated) {
    std::optional<Choice> best;
    for (const Formula& child : formula.children) {
      std::optional<Choice> choice = Select(child, negated);
      if (choice && (!best || choice->cost < best->cost)) best = std::move(choice);
    }
    return best;
  }

  std::optional<Choice> All(const Formula& formula, bool negated) {
    Choice all;
    for (const Formula& child : formula.children) {
      std::optional<Choice> choice = Select(child, negated);
      if (!choice) return std::nullopt;
      all.atoms.insert(all.atoms.end(), choice->atoms.begin(), choice->atoms.end());
      all.cost += choice->cost;
    }
    return all;
  }

  AtomTable& atoms_;
};

}  // namespace

std::optional<std::vector<AtomId>> SelectTriggers(const Formula& formula, AtomTable& atoms) {
  std::optional<Choice> choice = Selector(atoms).Select(formula, false);
  if (!choice) return std::nullopt;
  std::sort(choice->atoms.begin(), choice->atoms.end());
  choice->atoms.erase(std::unique(choice->atoms.begin(), choice->atoms.end()), choice->atoms.end());
  return std::move(choice->atoms);
}

}  // namespace auditflow::match
