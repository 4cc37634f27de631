#pragma once

#include <cstdint>
#include <string>

#include "src/match/expression.hpp"

namespace auditflow::match {

/// How a pattern can be decided.
enum class PatternShape : std::uint8_t {
  kAny,       ///< `*`
  kExact,     ///< no wildcard
  kPrefix,    ///< `text*`
  kSuffix,    ///< `*text`
  kContains,  ///< `*text*`
  kGlob,      ///< anything else
};
PatternShape ShapeOf(const Pattern& pattern);

/// The one text of a pattern that is no glob; empty for `*` and the empty string.
const std::string& TextOf(const Pattern& pattern);

/// Whether the test is answered only when a rule's program asks for it, because it costs much. All
/// others but those about presence are answered for every event in the one pass over its fields.
bool IsLazy(const Test& test);

/// Whether the test asks if the field is there: answered when a rule's program asks, too, but at no
/// cost, and without a guard.
bool IsAboutPresence(const Test& test);

/// Whether an event without the field answers yes.
bool HoldsWhenMissing(const Test& test);

}  // namespace auditflow::match
