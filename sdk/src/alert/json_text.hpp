#pragma once

#include <string>
#include <string_view>

#include "auditflow/event/event.hpp"

namespace auditflow::alert {

/// What an alert may hold, and hence `FromJson` reads: more than an event may, since it holds one.
constexpr event::ParseLimits kAlertLimits = {
    .max_bytes = std::size_t{96} << 20U, .max_depth = 256, .max_keys = 1'001'000};

/// What the event in it may hold, so that the whole stays readable.
constexpr event::ParseLimits kRawEventLimits = {
    .max_bytes = std::size_t{64} << 20U, .max_depth = 255, .max_keys = 1'000'000};

/// Whether a JSON text has the escape `\u0000` in one of its strings: PostgreSQL's jsonb refuses
/// it.
bool HasNulEscape(std::string_view json);

/// The same text with each `\u0000` replaced by `\ufffd`.
std::string ReplaceNulEscapes(std::string_view json);

std::string_view TrimJsonSpace(std::string_view json);

}  // namespace auditflow::alert
