#include <utility>

#include "auditflow/api/alerts.hpp"
#include "auditflow/http/client.hpp"

#include "src/api/alert_facets.hpp"
#include "src/api/alert_problem.hpp"
#include "src/api/alert_request.hpp"
#include "src/api/alert_tag.hpp"

namespace auditflow::api {
namespace {

using store::StoredAlert;

/// The request's own target with another place in the list.
std::string NextTarget(const http::Request& request, std::string_view cursor) {
  std::string target = "/alerts?";
  for (const auto& [name, value] : request.query) {
    if (name == "cursor" || name == "offset") continue;
    target += http::EscapeUri(name) + "=" + http::EscapeUri(value) + "&";
  }
  return target.append("cursor=").append(cursor);
}

http::Response ListAlerts(const http::Request& request, store::AlertReader& store,
                          const AlertsOptions& options) {
  const Result<store::AlertQuery> query = ReadAlertQuery(request, options);
  if (!query) return BadQuery(query.error());
  store::AlertQuery one_more = *query;
  ++one_more.limit;  // whether the list goes on
  Result<std::vector<StoredAlert>> alerts = store.List(one_more);
  if (!alerts) return StoreProblem(alerts.error());
  const bool goes_on = alerts->size() > query->limit;
  if (goes_on) alerts->pop_back();
  http::Response response = http::Response::Json(200, AlertRows(*alerts));
  if (!query->after) {
    const Result<std::uint64_t> total = store.Count(*query);
    if (!total) return StoreProblem(total.error());
    response.Set("X-Total-Count", std::to_string(*total));
  }
  if (goes_on) {
    const std::string cursor = EncodeAlertCursor(CursorOf(alerts->back()));
    response.Set("X-Next-Cursor", cursor);
    response.Set("Link", "<" + NextTarget(request, cursor) + ">; rel=\"next\"");
  }
  return response;
}

http::Response NotModified(const StoredAlert& stored) {
  http::Response response;
  response.status = 304;
  return response.Set("ETag", AlertTag(stored.state.version));
}

http::Response GetAlert(const http::Request& request, store::AlertReader& store) {
  const Result<Uuid> id = ReadAlertId(request.Param("id"));
  if (!id) return ContractError(id.error());
  const Result<std::optional<StoredAlert>> found = store.Get(*id);
  if (!found) return StoreProblem(found.error());
  if (!*found) return AlertNotFound();
  return HasCurrent(request, (*found)->state.version) ? NotModified(**found) : AlertRow(**found);
}

http::Response GetHistory(const http::Request& request, store::AlertReader& store) {
  const Result<Uuid> id = ReadAlertId(request.Param("id"));
  if (!id) return ContractError(id.error());
  const Result<std::vector<store::AlertState>> history = store.History(*id);
  if (!history) return StoreProblem(history.error());
  if (history->empty()) {
    const Result<std::optional<StoredAlert>> found = store.Get(*id);
    if (!found) return StoreProblem(found.error());
    if (!*found) return AlertNotFound();
  }
  std::string body = "[";
  for (const store::AlertState& state : *history) {
    if (body.size() > 1) body += ',';
    AppendAlertState(state, body);
  }
  return http::Response::Json(200, body + "]");
}

}  // namespace

void AddAlertRoutes(http::Router& router, store::AlertReader& store, const AlertsOptions& options) {
  const std::string scope = "alerts:read";
  router.Get(
      "/alerts",
      [&store, options](const http::Request& request) {
        return ListAlerts(request, store, options);
      },
      scope);
  router.Get(
      "/alerts/facets",
      [&store](const http::Request& request) { return CountFacets(request, store); }, scope);
  router.Get(
      "/alerts/{id}", [&store](const http::Request& request) { return GetAlert(request, store); },
      scope);
  router.Get(
      "/alerts/{id}/history",
      [&store](const http::Request& request) { return GetHistory(request, store); }, scope);
}

}  // namespace auditflow::api
