#include "auditflow/api/operations.hpp"

#include <chrono>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "auditflow/observe/logging.hpp"

namespace auditflow::api {
namespace {

using testing::HasSubstr;

http::Response Ask(const http::Router& router, std::string_view method, std::string_view target,
                   std::string body = {}) {
  http::Request request = http::Request::Make(method, target, std::move(body)).value();
  return router.Dispatch(request).response;
}

http::Exchange Exchange(std::string_view method, int status) {
  http::Exchange exchange;
  exchange.method = method;
  exchange.status = status;
  return exchange;
}

TEST(Readiness, NamesTheComponentsThatAreDownAndNeeded) {
  observe::HealthRegistry health;
  http::Router router;
  AddLivenessRoutes(router, health);
  EXPECT_EQ(Ask(router, "GET", "/readyz").body, R"({"status":"ready","reasons":[]})");
  health.Register("redis");
  health.Register("archive", observe::Criticality::kInformational);
  health.Set("rabbitmq", false, "refused\n");
  const http::Response response = Ask(router, "GET", "/readyz");
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.body,
            R"({"status":"not ready","reasons":["rabbitmq: refused\n","redis: starting"]})");
  EXPECT_EQ(Ask(router, "GET", "/livez").status, 200);
  health.Set("redis", true);
  health.Set("rabbitmq", true);
  EXPECT_EQ(Ask(router, "GET", "/readyz").status, 200);
  health.Drain();
  EXPECT_EQ(Ask(router, "GET", "/readyz").body,
            R"({"status":"not ready","reasons":["shutting down"]})");
}

TEST(Health, FurtherMembersStandBesideTheComponents) {
  observe::HealthRegistry health;
  http::Router router;
  HealthOptions options;
  options.probes = {{"database", [] { return Status(); }}};
  options.members = [&health] {
    return HealthMembers{{"database_connected", health.IsUp("database")}, {"x\"y", false}};
  };
  AddHealthRoute(router, health, std::move(options));
  EXPECT_THAT(Ask(router, "GET", "/healthz").body,
              testing::StartsWith(
                  R"({"database_connected":true,"x\"y":false,"status":"healthy","components":{)"));
}

class LogLevelRoute : public testing::Test {
 protected:
  LogLevelRoute() { AddLogLevelRoute(router_); }
  ~LogLevelRoute() override { observe::log::SetLogLevel(before_); }

  const observe::log::Level before_ = observe::log::LogLevel();
  http::Router router_;
};

TEST_F(LogLevelRoute, ChangesTheLevelOfTheProcess) {
  EXPECT_EQ(Ask(router_, "PUT", "/loglevel", R"({"level":"ERROR","more":1})").body,
            R"({"level":"error"})");
  EXPECT_EQ(observe::log::LogLevel(), observe::log::Level::kError);
  EXPECT_EQ(Ask(router_, "GET", "/loglevel").body, R"({"level":"error"})");
}

TEST_F(LogLevelRoute, WhatIsNoLevelChangesNothing) {
  for (const char* body : {"", "null", "[]", "{}", R"({"level":null})", R"({"level":"x"})",
                           R"({"level":["info"]})", R"({"level":"info")", "\xff"}) {
    EXPECT_EQ(Ask(router_, "PUT", "/loglevel", body).status, 400) << body;
  }
  EXPECT_EQ(observe::log::LogLevel(), before_);
}

TEST_F(LogLevelRoute, IsForAdministrators) {
  for (const http::Router::RouteInfo& route : router_.Routes()) EXPECT_EQ(route.scope, "admin");
  EXPECT_EQ(router_.Routes().size(), 2U);
}

TEST(HttpMetrics, CountByRouteMethodAndStatus) {
  observe::Metrics metrics;
  HttpMetrics http(metrics);
  http::Exchange exchange = Exchange("GET", 404);
  exchange.route = "/alerts/{id}";
  exchange.path = "/alerts/7";
  exchange.duration = std::chrono::milliseconds(2);
  http.Count(exchange);
  http.Count(exchange);
  http.Count(Exchange("BREW", 405));
  http.Count(Exchange("", 400));
  const std::string text = metrics.Render();
  EXPECT_THAT(text, HasSubstr("auditflow_http_requests_total{method=\"GET\","
                              "route=\"/alerts/{id}\",status=\"404\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("{method=\"other\",route=\"unmatched\",status=\"405\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("{method=\"\",route=\"invalid\",status=\"400\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("auditflow_http_request_seconds_sum{method=\"GET\","
                              "route=\"/alerts/{id}\"} 0.004\n"));
  EXPECT_THAT(text, testing::Not(HasSubstr("/alerts/7")));
}

}  // namespace
}  // namespace auditflow::api
