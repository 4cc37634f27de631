#pragma once

#include <optional>
#include <vector>

#include "src/match/atom_table.hpp"
#include "src/match/formula.hpp"

namespace auditflow::match {

/// Atoms of which at least one is answered yes, against the answer of an empty event, whenever the
/// formula holds. A rule needs to be evaluated only for events that set one of its triggers.
///
/// Among the choices that an `and` leaves, takes the atoms that are least likely in ordinary
/// events.
/// @return nothing if the formula can hold for an event that sets no atom at all (`not selection`
/// and the like): such a rule is evaluated for every event.
std::optional<std::vector<AtomId>> SelectTriggers(const Formula& formula, AtomTable& atoms);

}  // namespace auditflow::match
