#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "auditflow/event/event.hpp"

namespace auditflow::correlate {

/// Where else an event has a field: its first value there, which may be null. Nothing: the field is
/// what the event has under that name. What it gets is read before the next call.
using FieldLookup =
    std::function<std::optional<event::Value>(const event::Event& event, std::string_view field)>;

}  // namespace auditflow::correlate
