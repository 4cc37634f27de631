#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "auditflow/http/message.hpp"

namespace auditflow::http {

/// Runs on a server's handler thread and may block shortly: it holds up one of
/// `ServerOptions::threads`. Called by several threads at once.
using Handler = std::function<Response(const Request&)>;

/// Finds the handler of a request by method and path.
///
/// A pattern is a path whose segments are literal or `{name}`, which takes any one segment:
/// "/alerts/{id}". Of the routes that match and have the method, the one with a literal segment
/// where the other has a named one is taken. A trailing slash means nothing. OPTIONS is answered
/// with `Allow` unless a route has a handler for it.
///
/// Thread safety: thread-compatible while routes are added; immutable when shared with servers.
class Router {
 public:
  /// The pattern begins with '/'; the same method and pattern again replaces the handler.
  Router& Handle(std::string_view method, std::string_view pattern, Handler handler);
  /// Answers HEAD too: the same without the body.
  Router& Get(std::string_view pattern, Handler handler);
  Router& Post(std::string_view pattern, Handler handler);
  Router& Put(std::string_view pattern, Handler handler);
  Router& Delete(std::string_view pattern, Handler handler);

  struct Outcome {
    Response response;
    std::string_view pattern;  ///< the route taken, for metrics; empty if there is none
    std::string error;         ///< what a handler threw; for the log, never for the client
  };

  /// Fills `request.params` and answers: the handler's response, 404, 405 with `Allow`, or 500 if
  /// the handler throws.
  [[nodiscard]] Outcome Dispatch(Request& request) const;

 private:
  struct Route {
    std::string pattern;
    std::vector<std::string> segments;
    std::vector<std::pair<std::string, Handler>> handlers;  // by method
  };

  [[nodiscard]] static bool Matches(const Route& route, const std::vector<std::string_view>& path);
  [[nodiscard]] static const Handler* FindHandler(const Route& route, std::string_view method);
  /// The methods of all routes that match; of all routes for nullptr.
  [[nodiscard]] std::vector<std::string> Allowed(const std::vector<std::string_view>* path) const;

  std::vector<Route> routes_;  // more literal ones first
};

}  // namespace auditflow::http
