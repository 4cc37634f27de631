#include "src/match/partition.hpp"

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

#include "src/match/atom_class.hpp"

namespace auditflow::match {
namespace {

/// Collects the eager atoms of formulas, each once, by field.
class AtomsByField {
 public:
  explicit AtomsByField(const AtomTable& atoms) : atoms_(atoms), seen_(atoms.size(), false) {}

  void Add(const Formula& formula) {
    if (formula.kind == Expression::Kind::kAtom) return AddAtom(formula.atom);
    for (const Formula& child : formula.children) Add(child);
  }
  void AddAtom(AtomId atom) {
    if (seen_[atom]) return;
    seen_[atom] = true;
    if (!IsLazy(atoms_[atom].test)) by_field_[atoms_[atom].field].push_back(atom);
  }

  [[nodiscard]] const std::map<std::string_view, std::vector<AtomId>>& by_field() const {
    return by_field_;
  }

 private:
  const AtomTable& atoms_;
  std::vector<bool> seen_;
  std::map<std::string_view, std::vector<AtomId>> by_field_;
};

/// The keywords one of which holds whenever an answer to any keyword matters to a rule: its
/// triggers if they are all keywords, for without them the rule is not looked at; else all of its
/// keywords.
std::vector<AtomId> DecisiveKeywords(std::span<const RulePlan> rules, const AtomTable& atoms) {
  const auto is_keyword = [&](AtomId atom) { return atoms[atom].field.empty(); };
  AtomsByField decisive(atoms);
  for (const RulePlan& rule : rules) {
    const auto& triggers = *rule.triggers;
    if (triggers && std::all_of(triggers->begin(), triggers->end(), is_keyword)) {
      for (const AtomId atom : *triggers) decisive.AddAtom(atom);
    } else {
      decisive.Add(*rule.formula);
    }
  }
  const auto keywords = decisive.by_field().find("");
  return keywords == decisive.by_field().end() ? std::vector<AtomId>() : keywords->second;
}

/// Whether the formula asks of each value on its own. A lazy atom stands beside its guard, an eager
/// atom of the same field, so that an engine asks about that; a second field need not have any.
bool AsksOfOwnFields(const Formula& formula, const AtomTable& atoms) {
  if (formula.kind == Expression::Kind::kAtom) {
    return !std::holds_alternative<RelatesToField>(atoms[formula.atom].test);
  }
  return std::all_of(formula.children.begin(), formula.children.end(),
                     [&](const Formula& child) { return AsksOfOwnFields(child, atoms); });
}

}  // namespace

Partition::Partition(std::span<const RulePlan> rules, const AtomTable& atoms,
                     const LiteralCounts& counts, FieldIndex& fields)
    : triggers_(rules) {
  BuildEngines(rules, atoms, counts, fields);
  if (keywords_) keyword_filter_ = KeywordFilter(DecisiveKeywords(rules, atoms), atoms, counts);
  for (const RulePlan& rule : rules) {
    if (!*rule.triggers) always_.push_back(rule.slot);
  }
  follows_from_values_ = std::all_of(rules.begin(), rules.end(), [&](const RulePlan& rule) {
    return AsksOfOwnFields(*rule.formula, atoms);
  });
}

void Partition::BuildEngines(std::span<const RulePlan> rules, const AtomTable& atoms,
                             const LiteralCounts& counts, FieldIndex& fields) {
  AtomsByField collected(atoms);
  for (const RulePlan& rule : rules) {
    collected.Add(*rule.formula);
    if (!*rule.triggers) continue;
    for (const AtomId atom : **rule.triggers) collected.AddAtom(atom);
  }
  for (const auto& [field, field_atoms] : collected.by_field()) {
    if (field.empty()) {
      keywords_ = std::make_unique<const FieldEngine>(field_atoms, atoms, counts);
      continue;
    }
    const FieldId id = fields.Add(field);
    if (field_of_.size() <= id) field_of_.resize(id + 1, nullptr);
    fields_.push_back(BuildField(field_atoms, atoms, counts));
    field_of_[id] = fields_.back().get();
  }
}

std::unique_ptr<const Partition::Field> Partition::BuildField(std::span<const AtomId> field_atoms,
                                                              const AtomTable& atoms,
                                                              const LiteralCounts& counts) const {
  std::vector<RuleSlot> when_present;
  for (const AtomId atom : field_atoms) {
    if (!IsAboutPresence(atoms[atom].test)) continue;
    const auto slots = TriggeredBy(atom);
    when_present.insert(when_present.end(), slots.begin(), slots.end());
  }
  return std::make_unique<const Field>(
      Field{FieldEngine(field_atoms, atoms, counts), std::move(when_present)});
}

}  // namespace auditflow::match
