#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "auditflow/correlate/field_lookup.hpp"
#include "auditflow/event/event.hpp"
#include "auditflow/sigma/link.hpp"

namespace auditflow::correlate {

/// A field that a correlation reads, and what an event has in it.
struct EventField {
  std::string name;  ///< as the correlation calls it; an alias perhaps
  std::string path;  ///< where the referenced rule's events have it
  /// In the form that values are compared in, see `Correlator`; nothing for missing and null.
  std::optional<std::string> value;
};

struct EventFields {
  std::vector<EventField> group;   ///< in the order of group-by
  std::vector<EventField> values;  ///< in the order of the condition's fields; value types only
};

/// What a correlation would take from an event that its reference number `reference` matched.
/// Requires both indices to be in their ranges (`LinkedRules::references_of`).
///
/// Thread safety: reentrant.
EventFields FieldsOf(const sigma::LinkedRules& rules, std::uint32_t correlation,
                     std::uint32_t reference, const event::Event& event,
                     const FieldLookup& lookup = {});

}  // namespace auditflow::correlate
