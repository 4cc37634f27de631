#include "auditflow/api/operations.hpp"

#include <utility>

#include "auditflow/event/json_writer.hpp"

namespace auditflow::api {
namespace {

http::Response Health(observe::HealthRegistry& health, const HealthOptions& options) {
  for (const HealthProbe& probe : options.probes) {
    const Status status = probe.check();
    health.Set(probe.component, status.ok(), status.message());
  }
  std::string body = health.ToJson();
  if (!options.service.empty()) {
    std::string member = "\"service\":";
    event::AppendJsonString(options.service, member);
    body.insert(1, member + ",");
  }
  return http::Response::Json(health.Ready() ? 200 : 503, std::move(body));
}

}  // namespace

void AddHealthRoute(http::Router& router, observe::HealthRegistry& health, HealthOptions options) {
  router.Get("/healthz", [&health, options = std::move(options)](const http::Request&) {
    return Health(health, options);
  });
}

void AddMetricsRoute(http::Router& router, const observe::Metrics& metrics) {
  router.Get("/metrics", [&metrics](const http::Request&) {
    http::Response response = http::Response::Text(200, metrics.Render());
    response.content_type = observe::kMetricsContentType;
    return response;
  });
}

}  // namespace auditflow::api
