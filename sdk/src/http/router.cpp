#include "auditflow/http/router.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include "auditflow/http/problem.hpp"

namespace auditflow::http {
namespace {

bool IsNamed(std::string_view segment) {
  return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

template <class String>
std::vector<String> Split(std::string_view path) {
  std::vector<String> segments;
  while (!path.empty()) {
    const auto end = std::min(path.find('/'), path.size());
    if (end > 0) segments.emplace_back(path.substr(0, end));
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return segments;
}

// At the first place where two patterns differ in kind, the literal one comes first.
bool MoreLiteral(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  return std::ranges::lexicographical_compare(a, b, {}, IsNamed, IsNamed);
}

Response MethodNotAllowed(const std::vector<std::string>& allowed) {
  Response response = Problem(405, "");
  std::string list;
  for (const std::string& method : allowed) list += (list.empty() ? "" : ", ") + method;
  response.Set("Allow", list);
  return response;
}

Response Options(const std::vector<std::string>& allowed) {
  Response response = MethodNotAllowed(allowed);
  response.status = 204;
  response.content_type.clear();
  response.body.clear();
  return response;
}

}  // namespace

Router& Router::Handle(std::string_view method, std::string_view pattern, Handler handler,
                       std::string scope) {
  auto segments = Split<std::string>(pattern);
  auto route = std::ranges::find(routes_, segments, &Route::segments);
  if (route == routes_.end()) {
    const auto place = std::ranges::upper_bound(routes_, segments, MoreLiteral, &Route::segments);
    route = routes_.insert(place, Route{std::string(pattern), std::move(segments), {}});
  }
  auto& entries = route->entries;
  std::erase_if(entries, [method](const Entry& known) { return known.method == method; });
  entries.push_back({std::string(method), std::move(handler), std::move(scope)});
  return *this;
}

Router& Router::Get(std::string_view pattern, Handler handler, std::string scope) {
  return Handle("GET", pattern, std::move(handler), std::move(scope));
}
Router& Router::Post(std::string_view pattern, Handler handler, std::string scope) {
  return Handle("POST", pattern, std::move(handler), std::move(scope));
}
Router& Router::Put(std::string_view pattern, Handler handler, std::string scope) {
  return Handle("PUT", pattern, std::move(handler), std::move(scope));
}
Router& Router::Patch(std::string_view pattern, Handler handler, std::string scope) {
  return Handle("PATCH", pattern, std::move(handler), std::move(scope));
}
Router& Router::Delete(std::string_view pattern, Handler handler, std::string scope) {
  return Handle("DELETE", pattern, std::move(handler), std::move(scope));
}

Router& Router::SetGuard(Guard guard) {
  guard_ = std::move(guard);
  return *this;
}

std::vector<Router::RouteInfo> Router::Routes() const {
  std::vector<RouteInfo> infos;
  for (const Route& route : routes_) {
    for (const Entry& entry : route.entries) {
      infos.push_back({entry.method, route.pattern, entry.scope});
    }
  }
  std::ranges::sort(infos, {}, [](const RouteInfo& info) {
    return std::pair<std::string_view, std::string_view>(info.pattern, info.method);
  });
  return infos;
}

bool Router::Matches(const Route& route, const std::vector<std::string_view>& path) {
  return std::ranges::equal(route.segments, path, [](const auto& segment, const auto& actual) {
    return IsNamed(segment) || segment == actual;
  });
}

const Router::Entry* Router::FindEntry(const Route& route, std::string_view method) {
  const auto of = [&route](std::string_view name) -> const Entry* {
    const auto found = std::ranges::find(route.entries, name, &Entry::method);
    return found == route.entries.end() ? nullptr : &*found;
  };
  const Entry* entry = of(method);
  return entry == nullptr && method == "HEAD" ? of("GET") : entry;
}

Response Router::Run(const Entry& entry, Request& request, std::string& error) const {
  try {
    if (guard_ && !entry.scope.empty()) {
      if (auto refusal = guard_(request, entry.scope)) return *std::move(refusal);
    }
    return entry.handler(request);
  } catch (const std::exception& e) {
    error = e.what();
  } catch (...) {
    error = "unknown exception";
  }
  return Problem(500, "");
}

std::vector<std::string> Router::Allowed(const Route* only) const {
  std::vector<std::string> allowed;
  for (const Route& route : routes_) {
    if (only != nullptr && &route != only) continue;
    for (const Entry& entry : route.entries) {
      allowed.push_back(entry.method);
      if (entry.method == "GET") allowed.emplace_back("HEAD");
    }
  }
  allowed.emplace_back("OPTIONS");
  std::ranges::sort(allowed);
  // Not std::ranges::unique: clang 14 cannot compile the subrange of this standard library.
  allowed.erase(std::unique(allowed.begin(), allowed.end()), allowed.end());
  return allowed;
}

Router::Outcome Router::Dispatch(Request& request) const {
  if (request.path == "*") {
    const auto allowed = Allowed(nullptr);
    if (request.method == "OPTIONS") return {Options(allowed), {}, {}};
    return {Problem(400, "only OPTIONS may ask for '*'"), {}, {}};
  }
  const auto path = Split<std::string_view>(request.path);
  const auto route = std::ranges::find_if(
      routes_, [&path](const Route& candidate) { return Matches(candidate, path); });
  if (route == routes_.end()) return {Problem(404, "there is nothing at " + request.path), {}, {}};
  const Entry* entry = FindEntry(*route, request.method);
  if (entry == nullptr) {
    const auto allowed = Allowed(&*route);
    return {request.method == "OPTIONS" ? Options(allowed) : MethodNotAllowed(allowed), {}, {}};
  }
  for (std::size_t i = 0; i < path.size(); ++i) {
    const std::string_view name = route->segments[i];
    if (IsNamed(name)) request.params.emplace_back(name.substr(1, name.size() - 2), path[i]);
  }
  Outcome outcome;
  outcome.pattern = route->pattern;
  outcome.response = Run(*entry, request, outcome.error);
  return outcome;
}

}  // namespace auditflow::http
