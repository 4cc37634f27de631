#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "auditflow/match/explain.hpp"
#include "auditflow/pipeline/correlation_explanation.hpp"

#include "cli/rule_entries.hpp"
#include "cli/terminal.hpp"

namespace auditflow::cli {

/// `text` in quotes. What could steer a terminal or hide in it (controls, marks that reorder text)
/// is written as <U+001B>; backslashes stay as they are, for they are what people compare. The size
/// of the whole is added if the text is only its beginning.
std::string Quoted(std::string_view text, std::uint64_t bytes);

/// "field|modifier|…", "keyword" for none.
std::string NameOf(const match::ExplainedItem& item);

/// An explanation as lines for a person: what held is marked ✓, what did not ✗.
std::vector<std::string> ExplanationLines(const RuleEntry& rule,
                                          const match::Explanation& explanation,
                                          const Terminal& terminal);

/// The same for a correlation.
std::vector<std::string> CorrelationLines(
    const RuleEntry& rule, const std::vector<pipeline::ExplainedReference>& references,
    const sigma::LinkedRules& rules, const Terminal& terminal);

}  // namespace auditflow::cli
