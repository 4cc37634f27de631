#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "auditflow/core/status.hpp"
#include "auditflow/http/message.hpp"

namespace auditflow::http {

/// Problem details for HTTP APIs, RFC 9457.
struct ProblemDetails {
  int status = 500;
  std::string title;   ///< empty: the status code's own phrase
  std::string detail;  ///< what is wrong with this request, for a person
  std::string type = "about:blank";
  std::string instance;
  /// Further members, e.g. {"field", "limit"}, or {"error", …} for older clients. One with a
  /// standard member's name is ignored.
  std::vector<std::pair<std::string, std::string>> extensions;
};

/// application/problem+json; invalid UTF-8 becomes U+FFFD.
[[nodiscard]] Response Problem(const ProblemDetails& problem);
[[nodiscard]] Response Problem(int status, std::string_view detail);

/// gRPC's mapping: kInvalidArgument 400, kNotFound 404, kUnavailable 503 … The message is shown for
/// client errors, kUnavailable and kDeadlineExceeded; that of other server errors is not.
/// A retryable 429 or 503 carries `Retry-After: 1`.
[[nodiscard]] Response ProblemFrom(const Status& status);
[[nodiscard]] int HttpStatus(StatusCode code);

/// "Not Found"; "Unknown" for a number without one.
[[nodiscard]] std::string_view ReasonPhrase(int status);

}  // namespace auditflow::http
