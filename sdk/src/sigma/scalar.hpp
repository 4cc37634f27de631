#pragma once

#include "auditflow/sigma/node.hpp"

namespace auditflow::sigma {

/// Types a plain scalar by the YAML 1.2 core schema (section 10.3.2) from `node.text`: sets `kind`
/// and the value. An integer beyond 64 bits becomes a kDouble.
void ResolvePlainScalar(Node& node);

/// The number that a scalar states, also in a string.
/// @return false if it states none.
bool NumberOf(const Node& node, double* number);

}  // namespace auditflow::sigma
