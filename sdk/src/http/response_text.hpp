#pragma once

#include <chrono>
#include <string>

#include "auditflow/http/message.hpp"

namespace auditflow::http {

struct ResponseContext {
  bool keep_alive = true;
  bool to_http_1_0 = false;
  bool to_head = false;  ///< the same headers, no body
  std::chrono::system_clock::time_point now;
};

/// The bytes of a response, with the headers that `Response` promises.
std::string ResponseText(const Response& response, const ResponseContext& context);

/// "Sun, 06 Nov 1994 08:49:37 GMT", whatever the locale (RFC 9110 section 5.6.7).
std::string HttpDate(std::chrono::system_clock::time_point time);

}  // namespace auditflow::http
