#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "auditflow/core/result.hpp"

namespace auditflow::http {

/// Names compare without regard to ASCII case.
using Headers = std::vector<std::pair<std::string, std::string>>;

/// The first value of that name.
[[nodiscard]] std::optional<std::string_view> FindHeader(const Headers& headers,
                                                         std::string_view name);

/// A request as a handler sees it: complete, checked and decoded.
///
/// Thread safety: thread-compatible. Views returned live as long as the request.
struct Request {
  std::string method;  ///< as sent: case-sensitive
  std::string target;  ///< as sent
  /// Decoded and normalised: begins with '/', no empty, "." or ".." segment, valid UTF-8, no
  /// control characters.
  std::string path;
  std::vector<std::pair<std::string, std::string>> query;   ///< decoded, in order
  std::vector<std::pair<std::string, std::string>> params;  ///< the route's `{name}` segments
  Headers headers;
  std::string body;
  std::string remote_address;  ///< "127.0.0.1:40000", "[::1]:40000"
  /// Whose token came with the request, as the router's guard found it; empty without one.
  std::string caller;

  [[nodiscard]] std::optional<std::string_view> Header(std::string_view name) const;
  /// The first value of that name.
  [[nodiscard]] std::optional<std::string_view> Query(std::string_view name) const;
  /// Empty if the route has no such segment.
  [[nodiscard]] std::string_view Param(std::string_view name) const;

  /// A request as the server would make it, for tests of handlers.
  /// @return kInvalidArgument naming what is wrong with the target.
  static Result<Request> Make(std::string_view method, std::string_view target,
                              std::string body = {}, Headers headers = {});
};

/// What a handler answers. The server adds Date, Content-Length and Connection (its own win over
/// the handler's), and unless the handler sets them: `X-Content-Type-Options: nosniff`; for HTML a
/// Content-Security-Policy that allows this origin's own files only and no framing, and
/// `Referrer-Policy: no-referrer`; for JSON `Cache-Control: no-store`.
///
/// A header whose name or value could break the message (line breaks, control characters) is not
/// sent; the client gets a 500 instead.
struct Response {
  int status = 200;
  std::string content_type;
  std::string body;
  Headers headers;

  /// `body` is JSON text already.
  static Response Json(int status, std::string body);
  static Response Html(int status, std::string body);
  static Response Text(int status, std::string body);

  /// Replaces every header of that name.
  Response& Set(std::string_view name, std::string_view value);
};

}  // namespace auditflow::http
