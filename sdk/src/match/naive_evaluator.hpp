#pragma once

#include "auditflow/event/event.hpp"

#include "src/match/expression.hpp"

namespace auditflow::match {

/// Answers an expression by walking it and asking every atom of the event, one after the other,
/// with no preparation at all. Slow on purpose: it is what the compiled engine is compared with.
bool EvaluateNaively(const Expression& expression, const event::Event& event);

}  // namespace auditflow::match
