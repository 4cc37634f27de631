#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "auditflow/core/result.hpp"
#include "auditflow/core/timestamp.hpp"
#include "auditflow/http/router.hpp"

namespace auditflow::http {

/// What a client may use; each limit has an answer.
struct ServerLimits {
  std::size_t max_header_bytes = std::size_t{16} * 1024;  ///< request line and headers; 431
  std::size_t max_target_bytes = std::size_t{4} * 1024;   ///< 414
  std::size_t max_query_parameters = 64;                  ///< 400
  std::size_t max_body_bytes = std::size_t{1024} * 1024;  ///< 413
  std::size_t max_connections = 512;                      ///< 503 and close
  std::size_t max_requests_per_connection = 1000;         ///< then `Connection: close`
  Duration idle_timeout = std::chrono::seconds(60);       ///< between requests; closed silently
  Duration header_timeout = std::chrono::seconds(10);     ///< first byte to end of headers; 408
  Duration body_timeout = std::chrono::seconds(30);       ///< the whole body; 408
  Duration write_timeout = std::chrono::seconds(30);      ///< the whole response; closed
};

/// One finished exchange, for logs and metrics.
struct Exchange {
  std::string_view method;  ///< empty if the request could not be read
  std::string_view route;   ///< the pattern; empty if there is none
  std::string_view path;    ///< decoded: from the client, do not use it as a metric label
  std::string_view remote_address;
  int status = 0;
  Duration duration{0};    ///< of the handler
  std::string_view error;  ///< what the handler threw, or why the request was refused
};

struct ServerOptions {
  std::string address = "127.0.0.1";  ///< IP address or host name; "0.0.0.0" or "::" for all
  std::uint16_t port = 0;             ///< 0: a free one, see `HttpServer::port`
  std::size_t threads = 4;            ///< handler threads; one more does the I/O
  ServerLimits limits;
  /// Called on a handler thread after each exchange; several at once.
  std::function<void(const Exchange&)> on_exchange;
};

struct ServerStatistics {
  std::uint64_t connections_open = 0;
  std::uint64_t connections_accepted = 0;
  std::uint64_t connections_refused = 0;  ///< over `max_connections`
  std::uint64_t requests = 0;             ///< handed to the router
  std::uint64_t requests_refused = 0;  ///< answered 4xx/5xx before that: malformed, too large, …
  std::uint64_t timeouts = 0;          ///< of any kind but idle
};

/// An HTTP/1.0 and 1.1 server for small APIs, with Boost.Beast.
///
/// Persistent and pipelined connections, HEAD, chunked request bodies, `Expect: 100-continue`. It
/// is strict where laxness lets two parsers disagree about where a request ends (RFC 9112 sections
/// 2.2, 5.2, 6.1 and 6.3): a line that does not end in CRLF, a folded header, space before a colon,
/// a repeated or malformed Content-Length, a Transfer-Encoding other than exactly `chunked`, both
/// together, or a Host that is missing or repeated is a 400 and the end of the connection. So is a
/// target with a malformed escape, an encoded slash, a NUL or a way out of the root. No TLS: put a
/// proxy in front.
///
/// Thread safety: thread-safe. Handlers never run on the I/O thread.
class HttpServer {
 public:
  /// Listens and serves until `Shutdown`. Several servers may share a router.
  /// @return kInvalidArgument naming the option; kUnavailable naming address:port if it is taken
  /// or cannot be used.
  static Result<std::unique_ptr<HttpServer>> Start(const ServerOptions& options,
                                                   std::shared_ptr<const Router> router);

  /// As `Shutdown(Duration::zero())`; waits for handlers that are running.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  /// Where it listens.
  [[nodiscard]] std::uint16_t port() const;
  [[nodiscard]] ServerStatistics Statistics() const;

  /// Stops listening, closes idle connections, lets requests that have begun finish within `grace`,
  /// then cuts what is left. Later calls do nothing.
  /// @return kDeadlineExceeded if something had to be cut.
  Status Shutdown(Duration grace);

 private:
  class Impl;
  explicit HttpServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace auditflow::http
