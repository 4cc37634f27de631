#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "auditflow/core/status.hpp"
#include "auditflow/http/router.hpp"
#include "auditflow/http/server.hpp"
#include "auditflow/observe/health.hpp"
#include "auditflow/observe/metrics.hpp"

namespace auditflow::api {

/// Asks a component how it is, at the time of the question.
struct HealthProbe {
  std::string component;
  /// Called by handler threads, several at once. Should answer within a second or so.
  std::function<Status()> check;
};

/// A name and a truth value: `"rabbitmq_connected":true`.
using HealthMembers = std::vector<std::pair<std::string, bool>>;

struct HealthOptions {
  std::string service;  ///< member `service` of the answer; left out if empty
  std::vector<HealthProbe> probes = {};
  /// Further members of the answer, which older clients read. Called after the probes by handler
  /// threads, several at once.
  std::function<HealthMembers()> members = {};
};

/// `GET /healthz`: 200 if the registry is ready, else 503; the body is `HealthRegistry::ToJson`
/// with the service's name and the further members. The probes are run first and set their
/// components. `health` must outlive the router.
void AddHealthRoute(http::Router& router, observe::HealthRegistry& health,
                    HealthOptions options = {});

/// For whoever decides about restarts and traffic. `health` must outlive the router.
///
///     GET /livez    200 {"status":"alive"}, as long as anything is answered
///     GET /readyz   200 {"status":"ready","reasons":[]}, or
///                   503 {"status":"not ready","reasons":["rabbitmq: connection refused"]}
void AddLivenessRoutes(http::Router& router, const observe::HealthRegistry& health);

/// `GET /metrics` in Prometheus's text format. `metrics` must outlive the router.
void AddMetricsRoute(http::Router& router, const observe::Metrics& metrics);

/// `GET /loglevel` answers {"level":"info"}; `PUT /loglevel` takes the same and sets the level of
/// the process until it ends. Scope: admin.
void AddLogLevelRoute(http::Router& router);

/// `GET /openapi.json`.
void AddOpenApiRoute(http::Router& router, std::string document);

/// Counts what an `HttpServer` answered:
///
///     auditflow_http_requests_total{route,method,status}
///     auditflow_http_request_seconds{route,method}          time in the handler
///
/// `route` is the pattern ("/alerts/{id}"), "unmatched" where there is none, and "invalid" for what
/// was no request. Other methods than the usual ones are "other".
///
/// Thread safety: thread-safe. `metrics` must outlive it.
class HttpMetrics {
 public:
  explicit HttpMetrics(observe::Metrics& metrics);
  /// For `ServerOptions::on_exchange`.
  void Count(const http::Exchange& exchange);

 private:
  observe::CounterFamily& requests_;
  observe::HistogramFamily& seconds_;
};

}  // namespace auditflow::api
