#include "src/match/lazy_tests.hpp"

#include <utility>

#include "src/match/atom_class.hpp"
#include "src/match/atom_question.hpp"

namespace auditflow::match {
namespace {

std::shared_ptr<const re2::RE2> ProgramOf(const Test& test) {
  const auto* regex = std::get_if<MatchesRegex>(&test);
  return regex == nullptr ? nullptr : regex->program;
}

}  // namespace

LazyTests::LazyTests(const AtomTable& atoms, FieldIndex& fields) : numbers_(atoms.size(), kEager) {
  for (AtomId id = 0; id < atoms.size(); ++id) {
    const Atom& atom = atoms[id];
    if (!IsLazy(atom.test) && !IsAboutPresence(atom.test)) continue;
    numbers_[id] = static_cast<std::uint32_t>(tests_.size());
    const FieldId field = atom.field.empty() ? FieldIndex::kNone : fields.Add(atom.field);
    const auto* relation = std::get_if<RelatesToField>(&atom.test);
    const FieldId other =
        relation == nullptr ? FieldIndex::kNone : fields.Add(relation->other_field);
    tests_.push_back(
        {atom, field, other, ProgramOf(atom.test), match::HoldsWhenMissing(atom.test)});
  }
}

bool LazyTests::HoldsFor(std::uint32_t number, const event::Event& event,
                         event::Value scalar) const {
  const Prepared& test = tests_[number];
  return ScalarHolds(test.atom, test.regex.get(), event, scalar);
}

}  // namespace auditflow::match
