#pragma once

#include <cstddef>

#include "auditflow/sigma/document.hpp"

#include "src/sigma/reporter.hpp"

namespace auditflow::sigma {

/// Reads `condition:` under `correlation` into `rule`, whose type is known: a map of comparisons
/// with `field` and `percentile`, or, for temporal types, a boolean expression over rules.
void ReadCorrelationCondition(Node& correlation, std::size_t max_depth, CorrelationRule& rule,
                              Reporter& reporter);

}  // namespace auditflow::sigma
