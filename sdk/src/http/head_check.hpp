#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "auditflow/http/server.hpp"

namespace auditflow::http {

/// Why a request is not handled, and the status that says so.
struct Refusal {
  int status = 400;
  std::string reason;
};

/// Checks a request's head, from the method to the empty line, before Beast reads it: Beast 1.81 is
/// lax where a proxy in front may read the same bytes as another sequence of requests. See
/// `HttpServer` for the rules.
std::optional<Refusal> CheckHead(std::string_view head, const ServerLimits& limits);

}  // namespace auditflow::http
