#pragma once

#include <string>
#include <string_view>

#include "auditflow/event/event.hpp"
#include "auditflow/event/value.hpp"

namespace auditflow::event {

/// Appends `value` as compact JSON: members in the order of the document, numbers digit for digit
/// as they were written, strings with no more escapes than JSON demands. Needs no call stack for
/// deep documents.
///
/// `value` has to belong to `event`. Uses `Event::NumberText`, so it is not for several threads at
/// once.
void AppendJson(Value value, const Event& event, std::string& out);

/// Appends `text` as a JSON string with its quotes. Bytes that are not UTF-8 become U+FFFD, one for
/// each maximal part of a sequence, as the Unicode standard recommends.
void AppendJsonString(std::string_view text, std::string& out);

}  // namespace auditflow::event
