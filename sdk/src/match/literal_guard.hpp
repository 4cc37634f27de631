#pragma once

#include <vector>

#include "src/match/expression.hpp"

namespace auditflow::match {

/// Patterns, none of them a glob, of which at least one fits any scalar for which the lazy test
/// holds. At worst this is `*` alone: a lazy test never holds without a scalar.
std::vector<Pattern> LiteralGuard(const Test& lazy);

}  // namespace auditflow::match
