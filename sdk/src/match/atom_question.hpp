#pragma once

#include "auditflow/event/event.hpp"

#include "src/match/expression.hpp"
#include "src/match/field_reader.hpp"

namespace re2 {
class RE2;
}

namespace auditflow::match {

/// Asks one atom of a whole event: what both evaluators mean by it.
/// `regex`: the compiled form of a MatchesRegex; null for any other test.
bool AtomHolds(const Atom& atom, const re2::RE2* regex, const event::Event& event);
/// The same with the fields as the reader finds them.
bool AtomHolds(const Atom& atom, const re2::RE2* regex, const event::Event& event,
               const FieldReader& fields);

/// The same of one scalar of the atom's field. Not for FieldExists, which asks of no scalar.
bool ScalarHolds(const Atom& atom, const re2::RE2* regex, const event::Event& event,
                 event::Value scalar);

}  // namespace auditflow::match
