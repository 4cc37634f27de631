#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "src/match/expression.hpp"

/// Making and answering patterns. They are handled as their parts, never as text, so that an
/// escaped wildcard stays escaped whatever modifiers do to the value.
namespace auditflow::match {

/// Reads a rule's string: `*` and `?` are wildcards; a backslash makes a following `*`, `?` or
/// backslash literal and is itself literal before anything else and at the end.
Pattern ParsePattern(std::string_view text);

/// The pattern that only this text fits.
Pattern LiteralPattern(std::string_view text);

/// The text if the pattern has no wildcard.
std::optional<std::string> PlainText(const Pattern& pattern);

/// Puts `*` before or after what is there, if there is none yet.
void OpenStart(Pattern& pattern);
void OpenEnd(Pattern& pattern);

/// Adds to the end, joining texts and runs of `*`.
void AppendPart(Pattern& pattern, Pattern::Part part);
void AppendText(Pattern& pattern, std::string_view text);

std::size_t CountWildcards(const Pattern& pattern);

/// Whether the whole of `text` fits: `*` any run of characters, newlines too; `?` exactly one code
/// point (or one byte that is no UTF-8). Time at most pattern × text.
bool FitsPattern(const Pattern& pattern, std::string_view text);

}  // namespace auditflow::match
