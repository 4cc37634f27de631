#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "auditflow/core/status.hpp"
#include "auditflow/core/timestamp.hpp"
#include "auditflow/http/message.hpp"

namespace auditflow::api {

/// The first of the parameters that is there and not empty.
std::string FirstOf(const http::Request& request, std::initializer_list<std::string_view> names);

/// Leaves `out` as it is if the parameter is missing or empty. A date alone is its first instant.
/// @return kInvalidArgument "name: …" for what is no time.
Status ReadTime(const http::Request& request, std::string_view name, std::optional<Timestamp>& out);

}  // namespace auditflow::api
