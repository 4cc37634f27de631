#pragma once

#include <functional>
#include <string>
#include <vector>

#include "auditflow/core/status.hpp"
#include "auditflow/http/router.hpp"
#include "auditflow/observe/health.hpp"
#include "auditflow/observe/metrics.hpp"

namespace auditflow::api {

/// Asks a component how it is, at the time of the question.
struct HealthProbe {
  std::string component;
  /// Called by handler threads, several at once. Should answer within a second or so.
  std::function<Status()> check;
};

struct HealthOptions {
  std::string service;  ///< member `service` of the answer; left out if empty
  std::vector<HealthProbe> probes;
};

/// `GET /healthz`: 200 if the registry is ready, else 503; the body is `HealthRegistry::ToJson`
/// with the service's name. The probes are run first and set their components.
/// `health` must outlive the router.
void AddHealthRoute(http::Router& router, observe::HealthRegistry& health,
                    HealthOptions options = {});

/// `GET /metrics` in Prometheus's text format. `metrics` must outlive the router.
void AddMetricsRoute(http::Router& router, const observe::Metrics& metrics);

}  // namespace auditflow::api
