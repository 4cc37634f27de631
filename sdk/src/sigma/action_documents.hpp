#pragma once

#include <vector>

#include "auditflow/sigma/limits.hpp"
#include "auditflow/sigma/node.hpp"
#include "auditflow/sigma/source.hpp"

namespace auditflow::sigma {

/// Applies the legacy `action:` documents of one file: `global` gives keys to all documents after
/// it, `reset` ends that, `repeat` is the document before it with changes. Maps are merged key by
/// key; a document's own value wins. Another action is refused. Files without actions pass
/// unchanged.
std::vector<Node> ApplyActions(std::vector<Node> documents, const LoadLimits& limits,
                               std::vector<Diagnostic>& diagnostics);

}  // namespace auditflow::sigma
