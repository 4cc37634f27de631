#pragma once

#include <string>
#include <utility>
#include <vector>

#include "auditflow/sigma/document.hpp"

namespace auditflow::sigma {

/// A name that rules use, and where events of one kind hold it.
struct FieldAlias {
  std::string field;                 ///< `*`: every field, its name standing for `*` in the sources
  std::vector<std::string> sources;  ///< the first that the event has counts
  /// What the sources' values (in either letter case) are called in rules. Others, and those in
  /// arrays, are taken as they are.
  std::vector<std::pair<std::string, std::string>> values = {};
};

/// Reads `auditflow: {fields: {NAME: SOURCE, …}}` of a logsource map's document; instead of a
/// SOURCE also `[SOURCE, …]` or `{from: SOURCE or a list, values: {VALUE: NAME, …}}`. What is of
/// another form, and keys of the block that a map does not have, are reported as invalid with
/// their place; the rest is used.
std::vector<FieldAlias> ReadFieldAliases(const Metadata& metadata,
                                         std::vector<Diagnostic>& diagnostics);

}  // namespace auditflow::sigma
