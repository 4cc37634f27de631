#pragma once

#include <cstdint>
#include <memory>
#include <variant>
#include <vector>

#include "auditflow/event/event.hpp"

#include "src/match/atom_table.hpp"
#include "src/match/field_index.hpp"

namespace re2 {
class RE2;
}

namespace auditflow::match {

/// The atoms that are answered when a rule's program asks, by looking their field up in the event:
/// those that are too dear to answer for every event (globs, regular expressions, comparisons,
/// networks, dates, and relations between fields) and those that need no look at a value (whether a
/// field is there).
///
/// Thread safety: immutable after construction.
class LazyTests {
 public:
  static constexpr std::uint32_t kEager = 0xFFFFFFFFU;

  LazyTests() = default;
  /// Numbers the lazy atoms of the table from 0. `fields` gets their fields.
  LazyTests(const AtomTable& atoms, FieldIndex& fields);

  [[nodiscard]] std::uint32_t NumberOf(AtomId atom) const { return numbers_[atom]; }
  [[nodiscard]] std::size_t size() const { return tests_.size(); }

  /// The field that the test asks about; kNone for a keyword.
  [[nodiscard]] FieldId FieldOf(std::uint32_t number) const { return tests_[number].field; }

  /// Not null if another field takes part in the answer: OtherFieldOf.
  [[nodiscard]] const RelatesToField* RelationOf(std::uint32_t number) const {
    return std::get_if<RelatesToField>(&tests_[number].atom.test);
  }
  [[nodiscard]] FieldId OtherFieldOf(std::uint32_t number) const { return tests_[number].other; }

  /// Not null if the test asks whether the field is there.
  [[nodiscard]] const FieldExists* ExistenceOf(std::uint32_t number) const {
    return std::get_if<FieldExists>(&tests_[number].atom.test);
  }
  /// Whether an event without the field answers yes.
  [[nodiscard]] bool HoldsWhenMissing(std::uint32_t number) const {
    return tests_[number].holds_when_missing;
  }
  /// Whether the test holds for one scalar of its field.
  [[nodiscard]] bool HoldsFor(std::uint32_t number, const event::Event& event,
                              event::Value scalar) const;

 private:
  struct Prepared {
    Atom atom;
    FieldId field = FieldIndex::kNone;
    FieldId other = FieldIndex::kNone;      ///< RelatesToField only
    std::shared_ptr<const re2::RE2> regex;  ///< MatchesRegex only
    bool holds_when_missing = false;
  };
  std::vector<std::uint32_t> numbers_;  ///< by atom
  std::vector<Prepared> tests_;
};

}  // namespace auditflow::match
