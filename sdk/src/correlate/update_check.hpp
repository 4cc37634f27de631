#pragma once

#include <string_view>

#include "auditflow/correlate/window_store.hpp"

namespace auditflow::correlate {

/// What is wrong with an update of a rule, or nothing.
std::string_view FaultOf(const WindowSpec& spec, const WindowUpdate& update);

/// Whether an update claims to be later than it arrived by more than is allowed.
bool FromTheFuture(const WindowLimits& limits, const WindowUpdate& update);

}  // namespace auditflow::correlate
