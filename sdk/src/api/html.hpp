#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace auditflow::api {

/// Appends `text` so that it is nothing but text, in element content and in quoted attributes:
/// `& < > " '` become references, control characters, bidirectional overrides and what is no UTF-8
/// become U+FFFD (line feeds and tabs stay).
void AppendEscaped(std::string_view text, std::string& out);
std::string Escaped(std::string_view text);
/// A longer text is cut and ends in "…".
std::string EscapedUpTo(std::string_view text, std::size_t max_bytes);

/// JSON text with line breaks and an indent of two, values digit for digit. Stops with "…" beyond
/// `max_bytes` of output. Any other text comes out somehow, too.
std::string PrettyJson(std::string_view json, std::size_t max_bytes);

}  // namespace auditflow::api
