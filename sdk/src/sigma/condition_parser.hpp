#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "auditflow/sigma/document.hpp"

#include "src/sigma/reporter.hpp"

/// The grammar of conditions, loosest binding first:
///
///   condition  = or
///   or         = and { "or" and }
///   and        = not { "and" not }
///   not        = "not" not | primary
///   primary    = "(" or ")" | quantity "of" ( "them" | pattern ) | identifier
///   quantity   = "any" | "all" | number          "any" is 1; above 1 is an extension
///   identifier = letters, digits, "_" and "-"; not one of the words "and", "or", "not"
///   pattern    = an identifier in which "*" stands for any characters
///
/// Words are case-sensitive. "any", "all" and numbers are quantities only before "of".
namespace auditflow::sigma {

/// Operands of all conditions of one rule.
inline constexpr std::size_t kMaxConditionNodes = 10'000;

/// Parses one condition. At most `max_depth` parentheses and `not`s are open at a time, so the tree
/// is no deeper than three times that.
/// `*budget` is how many operands it may still have, and is lowered by those it has.
/// @return nothing, and the reason reported, if it is not valid.
std::optional<Condition> ParseCondition(const Node& text, std::size_t max_depth,
                                        std::size_t* budget, Reporter& reporter);

/// Parses `condition:` – a string, or a list of which one must hold.
std::vector<Condition> ParseConditions(const Node& value, std::size_t max_depth,
                                       Reporter& reporter);

/// Reports identifiers that do not exist, selectors that select nothing or too little, and
/// detections that no condition uses.
void CheckConditions(std::span<const Condition> conditions,
                     const std::vector<std::pair<std::string, Detection>>& detections,
                     Reporter& reporter);

/// Whether a selector's pattern (or "them") selects the identifier: names that start with "_" only
/// if the pattern does.
bool Selects(std::string_view pattern, std::string_view identifier);

}  // namespace auditflow::sigma
