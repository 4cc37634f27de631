#pragma once

#include <cstddef>
#include <string_view>

namespace auditflow::sigma {

/// The %TAG and %YAML lines in YAML text.
std::size_t CountDirectives(std::string_view text);

/// Whether a line, counted from 0, has a tab before its first other character than a space.
bool IsIndentedByTab(std::string_view text, std::size_t line);

}  // namespace auditflow::sigma
