#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "auditflow/sigma/limits.hpp"
#include "auditflow/sigma/node.hpp"
#include "auditflow/sigma/source.hpp"

namespace auditflow::sigma {

struct YamlResult {
  std::vector<Node> documents;  ///< those without a fault, in order
  /// Those left out. What a reading that ended early left unread counts as one.
  std::size_t faulty_documents = 0;
  std::vector<Diagnostic> diagnostics;
};

/// Reads a stream of YAML documents: UTF-8 or UTF-16 (by its byte order mark), any line ends.
///
/// A document with a duplicate key, a tag or a merge key that this reader does not know, or a key
/// that is no scalar is left out with a diagnostic. A syntax error, an encoding error or a limit
/// ends the reading: documents before it are kept. Aliases are resolved; an alias has the location
/// of what it stands for.
///
/// Thread safety: reentrant. Never throws. Time is linear in the size of `text` plus what aliases
/// add, and both are bounded by `limits`.
YamlResult LoadYaml(std::string_view text, std::string file_name, const LoadLimits& limits = {});

/// Appends the value as JSON: integers in decimal; numbers that JSON lacks (infinity, NaN) as
/// strings of their text.
void AppendJson(const Node& node, std::string& out);

}  // namespace auditflow::sigma
