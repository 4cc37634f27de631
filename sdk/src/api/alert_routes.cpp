#include <utility>

#include "auditflow/api/alerts.hpp"
#include "auditflow/http/problem.hpp"

#include "src/api/alert_request.hpp"

namespace auditflow::api {
namespace {

http::Response BadRequest(const Status& status) {
  http::ProblemDetails problem;
  problem.status = 400;
  problem.detail = status.message();
  problem.extensions = {{"error", status.message()}};
  return http::Problem(problem);
}

http::Response AlertNotFound() {
  http::ProblemDetails problem;
  problem.status = 404;
  problem.detail = "Alert not found";
  problem.extensions = {{"message", "Alert not found"}};
  return http::Problem(problem);
}

http::Response ListAlerts(const http::Request& request, store::AlertReader& store,
                          const AlertsOptions& options) {
  const Result<store::AlertQuery> query = ReadAlertQuery(request, options);
  if (!query) return BadRequest(query.error());
  const Result<std::vector<store::StoredAlert>> alerts = store.List(*query);
  if (!alerts) return http::ProblemFrom(alerts.error());
  const Result<std::uint64_t> total = store.Count(*query);
  if (!total) return http::ProblemFrom(total.error());
  http::Response response = http::Response::Json(200, AlertRows(*alerts));
  response.Set("X-Total-Count", std::to_string(*total));
  return response;
}

http::Response GetAlert(const http::Request& request, store::AlertReader& store) {
  const Result<Uuid> id = ReadAlertId(request.Param("id"));
  if (!id) return BadRequest(id.error());
  const Result<std::optional<store::StoredAlert>> found = store.Get(*id);
  if (!found) return http::ProblemFrom(found.error());
  if (!*found) return AlertNotFound();
  std::string row;
  AppendAlertRow(**found, row);
  return http::Response::Json(200, std::move(row));
}

}  // namespace

void AddAlertRoutes(http::Router& router, store::AlertReader& store, const AlertsOptions& options) {
  router.Get("/alerts", [&store, options](const http::Request& request) {
    return ListAlerts(request, store, options);
  });
  router.Get("/alerts/{id}",
             [&store](const http::Request& request) { return GetAlert(request, store); });
}

}  // namespace auditflow::api
