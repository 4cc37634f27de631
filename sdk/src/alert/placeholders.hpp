#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "auditflow/core/result.hpp"

namespace auditflow::alert {

/// A piece of a text with placeholders.
struct TextPart {
  bool is_field = false;
  std::string text;  ///< the field's name, or the literal text with `{{` and `}}` resolved
};

/// @return kInvalidArgument naming the character's place in bytes and what is wrong there.
Result<std::vector<TextPart>> ParsePlaceholders(std::string_view text);

/// Puts `value_of(field)` for each placeholder. A text that `ParsePlaceholders` refuses is returned
/// as it is.
std::string FillPlaceholders(std::string_view text,
                             const std::function<std::string(const std::string&)>& value_of);

}  // namespace auditflow::alert
