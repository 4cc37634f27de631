#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "auditflow/match/rule_set.hpp"

#include "src/match/expression.hpp"

/// Modifiers that turn one value into several, of which any may match.
namespace auditflow::match {

/// A value cut at the places that have several forms.
struct Slot {
  std::vector<Pattern> choices;
};
using Slotted = std::vector<std::variant<Pattern, Slot>>;

/// A dash or slash that starts a word (`\B[-/]\b`, looked for in each text between wildcards) as a
/// slot of `-`, `/`, en dash, em dash and horizontal bar.
Slotted CutWindash(const Pattern& pattern);

/// `%name%` as a slot of its configured values, which may hold wildcards; `\%` is a percent sign.
/// @return the name of the first placeholder that has no values configured, in `unresolved`.
struct CutPlaceholders {
  Slotted slotted;
  std::optional<std::string> unresolved;
};
CutPlaceholders CutAtPlaceholders(const Pattern& pattern, const CompileOptions& options);

/// The same in text that is no pattern, such as a regular expression: every combination, each value
/// passed through `quote`.
struct ExpandedText {
  std::vector<std::string> texts;
  std::optional<std::string> unresolved;
  bool too_many = false;
};
ExpandedText ExpandText(std::string_view text, const CompileOptions& options,
                        std::string (*quote)(std::string_view));

/// Every combination of choices, in the order of the slots; nothing if there are more than `most`.
std::optional<std::vector<Pattern>> Combine(const Slotted& slotted, bool cased, std::size_t most);

}  // namespace auditflow::match
