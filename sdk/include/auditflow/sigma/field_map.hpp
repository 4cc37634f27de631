#pragma once

#include <string>
#include <vector>

#include "auditflow/sigma/document.hpp"

namespace auditflow::sigma {

/// A name that rules use, and where events of one kind hold it.
struct FieldAlias {
  std::string field;                 ///< `*`: every field, its name standing for `*` in the sources
  std::vector<std::string> sources;  ///< the first that the event has counts
};

/// Reads `auditflow: {fields: {NAME: SOURCE or [SOURCE, …]}}` of a logsource map's document. What
/// is of another form, and keys of the block that a map does not have, are reported as invalid with
/// their place; the rest is used.
std::vector<FieldAlias> ReadFieldAliases(const Metadata& metadata,
                                         std::vector<Diagnostic>& diagnostics);

}  // namespace auditflow::sigma
