#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "auditflow/core/clock.hpp"
#include "auditflow/core/result.hpp"
#include "auditflow/core/timestamp.hpp"
#include "auditflow/http/message.hpp"

namespace auditflow::http {

struct ClientOptions {
  std::string host = "localhost";
  std::uint16_t port = 80;
  Duration timeout = std::chrono::seconds(5);  ///< from the connect to the last byte of the answer
  std::size_t max_header_bytes = std::size_t{16} * 1024;
  std::size_t max_body_bytes = std::size_t{8} * 1024 * 1024;
};

struct ClientRequest {
  std::string method = "GET";
  std::string target = "/";  ///< path and query, escaped; see `EscapeUri`
  std::string content_type = {};
  std::string body = {};
  Headers headers = {};
};

struct ClientResponse {
  int status = 0;
  Headers headers = {};
  std::string body = {};

  [[nodiscard]] std::string_view Header(std::string_view name) const;  ///< empty if not there
};

/// Sends one request over its own connection and waits for the answer. Any status is an answer;
/// redirects are not followed. No TLS.
///
/// The look-up of a host name by the system may take longer than the time-out.
/// @return kInvalidArgument for a request that could break the message, kUnavailable naming
/// host:port if there is no connection or it is lost, kDeadlineExceeded, kResourceExhausted for an
/// answer that is too large, kDataLoss for one that is malformed.
Result<ClientResponse> Send(const ClientOptions& options, const ClientRequest& request);

struct ClientPoolOptions {
  std::size_t max_idle = 8;  ///< connections that are kept while nobody uses them
  /// For how long. Less than servers keep them, or requests meet connections that are closed.
  Duration idle_time = std::chrono::seconds(10);
};

/// Sends requests as `Send` does, over connections that it keeps for the next ones.
///
/// A connection that the server has closed meanwhile is not used again. If one breaks while it is
/// used again and before anything is answered, the request goes over a new one, once: to the server
/// it looks like a repeat, so only GET and HEAD go over connections that were used before.
///
/// Thread safety: thread-safe; each request has a connection for itself. The clock must outlive it.
class Client {
 public:
  explicit Client(ClientOptions options, const ClientPoolOptions& pool = {},
                  Clock& clock = SystemClock());
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// @return as `http::Send`.
  Result<ClientResponse> Send(const ClientRequest& request);

 private:
  struct Impl;
  const std::unique_ptr<Impl> impl_;
};

Result<ClientResponse> Get(const ClientOptions& options, std::string_view target);
Result<ClientResponse> Post(const ClientOptions& options, std::string_view target, std::string body,
                            std::string_view content_type = "application/json");

/// Percent-encodes everything but RFC 3986's unreserved characters.
[[nodiscard]] std::string EscapeUri(std::string_view text);

}  // namespace auditflow::http
