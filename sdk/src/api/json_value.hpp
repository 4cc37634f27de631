#pragma once

#include <string>
#include <string_view>

#include "auditflow/core/result.hpp"
#include "auditflow/event/event.hpp"

namespace auditflow::api {

/// Any JSON value, parsed by the one parser that there is, which takes objects alone.
struct JsonValue {
  event::Event document;
  event::Value value;
};

/// @return kDataLoss with the parser's reason, for an object with the offset.
Result<JsonValue> ParseJsonValue(std::string_view text);

/// A string's text, nothing for null, JSON for the rest. `value` has to belong to `document`.
std::string TextOf(event::Value value, const event::Event& document);
/// That of a member of an object; empty if there is none.
std::string TextOf(const JsonValue& object, std::string_view name);

}  // namespace auditflow::api
