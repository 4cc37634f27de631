#pragma once

#include <compare>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auditflow/http/message.hpp"

namespace auditflow::http {

/// Runs on a server's handler thread and may block shortly: it holds up one of
/// `ServerOptions::threads`. Called by several threads at once.
using Handler = std::function<Response(const Request&)>;

/// Finds the handler of a request by method and path.
///
/// A pattern is a path whose segments are literal or `{name}`, which takes any one segment:
/// "/alerts/{id}". Of the patterns that match, the one with a literal segment where the others have
/// a named one is the path's, whichever methods it has: as OpenAPI reads its paths. A trailing
/// slash means nothing. OPTIONS is answered with `Allow` unless a route has a handler for it.
///
/// A route may name a scope, the right that its caller needs. Once there is a guard it is asked
/// before every handler with a scope; without one, scopes are only documentation.
///
/// Thread safety: thread-compatible while routes are added; immutable when shared with servers.
class Router {
 public:
  /// The pattern begins with '/'; the same method and pattern again replaces the handler. An empty
  /// scope: open to everybody.
  Router& Handle(std::string_view method, std::string_view pattern, Handler handler,
                 std::string scope = {});
  /// Answers HEAD too: the same without the body.
  Router& Get(std::string_view pattern, Handler handler, std::string scope = {});
  Router& Post(std::string_view pattern, Handler handler, std::string scope = {});
  Router& Put(std::string_view pattern, Handler handler, std::string scope = {});
  Router& Patch(std::string_view pattern, Handler handler, std::string scope = {});
  Router& Delete(std::string_view pattern, Handler handler, std::string scope = {});

  /// Decides on a request for a route with a scope: nothing lets it through, an answer refuses it.
  /// It may note the caller in the request. Called by several threads at once; if it throws, the
  /// request is answered 500.
  using Guard = std::function<std::optional<Response>(Request&, std::string_view scope)>;
  Router& SetGuard(Guard guard);

  struct RouteInfo {
    std::string method;
    std::string pattern;
    std::string scope;
    friend auto operator<=>(const RouteInfo&, const RouteInfo&) = default;
  };
  /// All routes, sorted by pattern and method; HEAD and OPTIONS only where they have handlers of
  /// their own.
  [[nodiscard]] std::vector<RouteInfo> Routes() const;

  struct Outcome {
    Response response;
    std::string_view pattern;  ///< the route taken, for metrics; empty if there is none
    std::string error;         ///< what a handler threw; for the log, never for the client
  };

  /// Fills `request.params` and answers: the handler's response, 404, 405 with `Allow`, or 500 if
  /// the handler throws.
  [[nodiscard]] Outcome Dispatch(Request& request) const;

 private:
  struct Entry {
    std::string method;
    Handler handler;
    std::string scope;
  };
  struct Route {
    std::string pattern;
    std::vector<std::string> segments;
    std::vector<Entry> entries;  // by method
  };

  [[nodiscard]] static bool Matches(const Route& route, const std::vector<std::string_view>& path);
  [[nodiscard]] static const Entry* FindEntry(const Route& route, std::string_view method);
  [[nodiscard]] Response Run(const Entry& entry, Request& request, std::string& error) const;
  /// The methods of all routes that match; of all routes for nullptr.
  /// The methods of one route, or of all of them.
  [[nodiscard]] std::vector<std::string> Allowed(const Route* only) const;

  std::vector<Route> routes_;  // more literal ones first
  Guard guard_;
};

}  // namespace auditflow::http
