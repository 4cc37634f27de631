#include "auditflow/api/operations.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "auditflow/event/json_writer.hpp"
#include "auditflow/http/problem.hpp"
#include "auditflow/observe/logging.hpp"

namespace auditflow::api {
namespace {

using Json = nlohmann::ordered_json;

std::string Dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// The members that come before those of the registry, with a comma behind each.
std::string FurtherMembers(const HealthOptions& options) {
  std::string text;
  if (!options.service.empty()) {
    text += "\"service\":";
    event::AppendJsonString(options.service, text);
    text += ',';
  }
  if (!options.members) return text;
  for (const auto& [name, value] : options.members()) {
    event::AppendJsonString(name, text);
    text += value ? ":true," : ":false,";
  }
  return text;
}

http::Response Health(observe::HealthRegistry& health, const HealthOptions& options) {
  for (const HealthProbe& probe : options.probes) {
    const Status status = probe.check();
    health.Set(probe.component, status.ok(), status.message());
  }
  std::string body = health.ToJson();
  body.insert(1, FurtherMembers(options));
  return http::Response::Json(health.Ready() ? 200 : 503, std::move(body));
}

http::Response Readiness(const observe::HealthRegistry& health) {
  const bool ready = health.Ready();
  Json reasons = Json::array();
  bool component_is_down = false;
  for (const observe::ComponentHealth& component : health.Snapshot()) {
    if (component.up || component.criticality != observe::Criticality::kCritical) continue;
    component_is_down = true;
    reasons.push_back(component.name + ": " +
                      (component.reason.empty() ? "down" : component.reason));
  }
  if (!ready && !component_is_down) reasons.push_back("shutting down");
  const Json body = {{"status", ready ? "ready" : "not ready"}, {"reasons", reasons}};
  return http::Response::Json(ready ? 200 : 503, Dump(body));
}

http::Response CurrentLogLevel() {
  return http::Response::Json(200, Dump({{"level", ToString(observe::log::LogLevel())}}));
}

http::Response BadLevel(std::string detail) {
  http::ProblemDetails problem;
  problem.status = 400;
  problem.detail = std::move(detail);
  problem.extensions.emplace_back("field", "level");
  return http::Problem(problem);
}

http::Response SetLevel(const http::Request& request) {
  const Json body = Json::parse(request.body, nullptr, false);
  if (!body.is_object()) return http::Problem(400, "the body must be a JSON object");
  const auto member = body.find("level");
  if (member == body.end() || !member->is_string()) return BadLevel("level: must be a string");
  const auto level = observe::log::ParseLevel(member->get_ref<const std::string&>());
  if (!level) return BadLevel("level: " + level.error().message());
  const observe::log::Level before = observe::log::LogLevel();
  observe::log::SetLogLevel(*level);
  if (before != *level) {
    observe::log::Warning("http", "log level changed",
                          {{"from", ToString(before)},
                           {"to", ToString(*level)},
                           {"by", request.caller},
                           {"remote_address", request.remote_address}});
  }
  return CurrentLogLevel();
}

std::string_view MethodLabel(std::string_view method) {
  static constexpr auto kUsual =
      std::to_array<std::string_view>({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"});
  if (method.empty()) return "";
  return std::ranges::find(kUsual, method) != kUsual.end() ? method : "other";
}

std::string_view RouteLabel(const http::Exchange& exchange) {
  if (exchange.method.empty()) return "invalid";
  return exchange.route.empty() ? "unmatched" : exchange.route;
}

}  // namespace

void AddHealthRoute(http::Router& router, observe::HealthRegistry& health, HealthOptions options) {
  router.Get("/healthz", [&health, options = std::move(options)](const http::Request&) {
    return Health(health, options);
  });
}

void AddLivenessRoutes(http::Router& router, const observe::HealthRegistry& health) {
  router.Get("/livez", [](const http::Request&) {
    return http::Response::Json(200, R"({"status":"alive"})");
  });
  router.Get("/readyz", [&health](const http::Request&) { return Readiness(health); });
}

void AddMetricsRoute(http::Router& router, const observe::Metrics& metrics) {
  router.Get("/metrics", [&metrics](const http::Request&) {
    http::Response response = http::Response::Text(200, metrics.Render());
    response.content_type = observe::kMetricsContentType;
    return response;
  });
}

void AddLogLevelRoute(http::Router& router) {
  router.Get(
      "/loglevel", [](const http::Request&) { return CurrentLogLevel(); }, "admin");
  router.Put("/loglevel", SetLevel, "admin");
}

void AddOpenApiRoute(http::Router& router, std::string document) {
  router.Get("/openapi.json", [document = std::move(document)](const http::Request&) {
    return http::Response::Json(200, document);
  });
}

HttpMetrics::HttpMetrics(observe::Metrics& metrics)
    : requests_(
          metrics.AddCounters("auditflow_http_requests_total",
                              "HTTP requests by route, method and status of the answer",
                              {.labels = {"route", "method", "status"}, .max_label_sets = 500})),
      seconds_(metrics.AddHistograms("auditflow_http_request_seconds",
                                     "Time that the handlers of HTTP requests took",
                                     {.labels = {"route", "method"}})) {}

void HttpMetrics::Count(const http::Exchange& exchange) {
  const std::string_view route = RouteLabel(exchange);
  const std::string_view method = MethodLabel(exchange.method);
  requests_.With({route, method, std::to_string(exchange.status)}).Increment();
  if (!exchange.method.empty()) seconds_.With({route, method}).Observe(exchange.duration);
}

}  // namespace auditflow::api
