#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "auditflow/sigma/field_map.hpp"

namespace auditflow::match {

/// A longer text is as good as none: what an event may cost is bounded. In bytes.
inline constexpr std::size_t kLongestFieldText = std::size_t{64} << 10U;

/// Puts the parts of a text together. `find(part number)` gives the text of that part's field, or
/// nothing.
/// @return false if a field is missing or the whole becomes too long.
template <class Find>
bool MakeFieldText(const sigma::FieldText& text, Find&& find, std::string& out) {
  out.clear();
  for (std::size_t i = 0; i < text.parts.size(); ++i) {
    const sigma::FieldText::Part& part = text.parts[i];
    out += part.before;
    if (part.field.empty()) continue;
    const auto value = find(i);
    if (!value || out.size() + value->size() > kLongestFieldText) return false;
    out += *value;
  }
  return true;
}

}  // namespace auditflow::match
