#pragma once

#include "auditflow/event/event.hpp"

#include "src/match/expression.hpp"
#include "src/match/field_reader.hpp"

namespace auditflow::match {

/// Answers an expression by walking it and asking every atom of the event, one after the other,
/// with no preparation at all. Slow on purpose: it is what the compiled engine is compared with.
bool EvaluateNaively(const Expression& expression, const event::Event& event);
/// The same with the fields as the reader finds them.
bool EvaluateNaively(const Expression& expression, const event::Event& event,
                     const FieldReader& fields);

}  // namespace auditflow::match
