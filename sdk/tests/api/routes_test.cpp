#include <functional>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "auditflow/api/alerts.hpp"
#include "auditflow/api/operations.hpp"
#include "auditflow/api/pages.hpp"
#include "auditflow/store/in_memory_alert_store.hpp"

namespace auditflow::api {
namespace {

/// Every call fails as a store does whose database is away.
class BrokenStore final : public store::AlertStore {
 public:
  Result<std::vector<store::InsertResult>> Insert(std::span<const alert::Alert>) override {
    return Error(Unavailable("secret path"));
  }
  Result<std::vector<store::StoredAlert>> List(const store::AlertQuery&) override {
    return Error(Unavailable("gone"));
  }
  Result<std::optional<store::StoredAlert>> Get(const Uuid&) override {
    return Error(Unavailable("gone"));
  }
  Result<std::uint64_t> Count(const store::AlertQuery&) override {
    return Error(Unavailable("gone"));
  }
  Result<std::vector<store::FacetCount>> CountBy(store::AlertFacet,
                                                 const store::AlertQuery&) override {
    return Error(Unavailable("gone"));
  }
  Result<store::StoredAlert> SetStatus(const Uuid&, store::AlertStatus,
                                       const store::ChangeNote&) override {
    return Error(Unavailable("gone"));
  }
  Result<store::StoredAlert> Delete(const Uuid&, const store::ChangeNote&) override {
    return Error(Unavailable("gone"));
  }
  Result<std::vector<store::AlertState>> History(const Uuid&) override {
    return Error(Unavailable("gone"));
  }
  Status Ping() override { return Unavailable("gone"); }
};

http::Response Get(const http::Router& router, std::string_view target) {
  http::Request request = http::Request::Make("GET", target).value();
  return router.Dispatch(request).response;
}

alert::Alert SomeAlert() {
  alert::Alert alert;
  alert.alert_id = Uuid::V5({}, "alert");
  alert.correlation_id = Uuid::V5({}, "event");
  alert.alert_name = "Name \"quoted\"";
  alert.alert_type = "SECURITY";
  alert.severity = "HIGH";
  alert.triggered_by.client_ip = "N/A";
  alert.raw_event_data = R"({"n":1.50})";
  return alert;
}

TEST(AlertRow, UnknownAddressIsNullAndTheEventKeepsItsDigits) {
  std::string row;
  AppendAlertRow({SomeAlert(), Timestamp()}, row);
  EXPECT_NE(row.find(R"("client_ip":null,)"), std::string::npos) << row;
  EXPECT_NE(row.find(R"("alert_name":"Name \"quoted\"",)"), std::string::npos) << row;
  EXPECT_NE(row.find(R"("received_at":"1970-01-01T00:00:00Z",)"), std::string::npos) << row;
  EXPECT_NE(row.find(R"("raw_event_data":{"n":1.50},"state":{)"), std::string::npos) << row;
}

TEST(AlertRows, NoAlertsAreAnEmptyArray) { EXPECT_EQ(AlertRows({}), "[]"); }

TEST(AlertRoutes, LimitIsCapped) {
  store::InMemoryAlertStore store;
  std::vector<alert::Alert> alerts(5, SomeAlert());
  for (std::size_t i = 0; i < alerts.size(); ++i) {
    alerts[i].alert_id = Uuid::V5({}, std::to_string(i));
  }
  ASSERT_TRUE(store.Insert(alerts));
  http::Router router;
  AddAlertRoutes(router, store, {.default_limit = 2, .max_limit = 3});
  const auto rows = [&](std::string_view target) {
    const std::string body = Get(router, target).body;
    std::size_t count = 0;
    for (std::size_t at = 0; (at = body.find("\"alert_id\"", at)) != std::string::npos; ++at) {
      ++count;
    }
    return count;
  };
  EXPECT_EQ(rows("/alerts"), 2);
  EXPECT_EQ(rows("/alerts?limit=1"), 1);
  EXPECT_EQ(rows("/alerts?limit=100"), 3);
}

TEST(AlertRoutes, StoreThatIsAwayIsServiceUnavailable) {
  BrokenStore store;
  http::Router router;
  AddAlertRoutes(router, store);
  AddAlertPages(router, store);
  const std::string id = Uuid::V5({}, "any").ToString();
  for (const std::string& target :
       {std::string("/alerts"), "/alerts/" + id, std::string("/"), "/alert/" + id}) {
    EXPECT_EQ(Get(router, target).status, 503) << target;
  }
}

TEST(AlertRoutes, WhatTimeOrAnOperatorCanMendIsServiceUnavailableForWritersToo) {
  BrokenStore store;
  http::Router router;
  AddAlertRoutes(router, store);
  AddAlertWriteRoutes(router, store);
  const std::string target = "/alerts/" + Uuid::V5({}, "any").ToString();
  const std::string signature = R"({"status":"open","by":"ann"})";
  const std::tuple<const char*, std::string, std::string> requests[] = {
      {"POST", "/alerts", alert::ToJson(SomeAlert())},
      {"PATCH", target, signature},
      {"DELETE", target + "?by=ann", ""},
      {"GET", target + "/history", ""},
      {"GET", "/alerts/facets", ""},
  };
  for (const auto& [method, path, body] : requests) {
    http::Request request = http::Request::Make(method, path, body).value();
    const http::Response response = router.Dispatch(request).response;
    EXPECT_EQ(response.status, 503) << method << ' ' << path;
    EXPECT_EQ(http::FindHeader(response.headers, "Retry-After"), "1");
  }
}

TEST(HealthRoute, ProbesDecideAtTheTimeOfTheQuestion) {
  observe::HealthRegistry health;
  Status state;
  http::Router router;
  AddHealthRoute(router, health,
                 {.service = "a \"service\"", .probes = {{"database", [&] { return state; }}}});
  EXPECT_EQ(Get(router, "/healthz").status, 200);
  EXPECT_TRUE(Get(router, "/healthz")
                  .body.starts_with(R"({"service":"a \"service\"","status":"healthy",)"));
  state = Unavailable("disk is gone");
  const http::Response down = Get(router, "/healthz");
  EXPECT_EQ(down.status, 503);
  EXPECT_NE(down.body.find("disk is gone"), std::string::npos);
  state = {};
  EXPECT_EQ(Get(router, "/healthz").status, 200);
}

TEST(MetricsRoute, IsPrometheusText) {
  observe::Metrics metrics;
  metrics.AddCounter("some_total", "Some.").Increment(3);
  http::Router router;
  AddMetricsRoute(router, metrics);
  const http::Response response = Get(router, "/metrics");
  EXPECT_EQ(response.content_type, "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_NE(response.body.find("some_total 3"), std::string::npos);
}

TEST(AlertPages, PlaybookIsALinkOnlyIfItLeadsToTheWeb) {
  store::InMemoryAlertStore store;
  std::vector<alert::Alert> alerts(2, SomeAlert());
  alerts[0].metadata.playbook_url = "https://example.org/?a=1&b=2";
  alerts[1].metadata.playbook_url = "javascript:alert(1)";
  alerts[1].alert_id = Uuid::V5({}, "other");
  ASSERT_TRUE(store.Insert(alerts));
  http::Router router;
  AddAlertPages(router, store);
  EXPECT_NE(Get(router, "/alert/" + alerts[0].alert_id.ToString())
                .body.find("href=\"https://example.org/?a=1&amp;b=2\""),
            std::string::npos);
  EXPECT_EQ(Get(router, "/alert/" + alerts[1].alert_id.ToString()).body.find("href=\"javascript"),
            std::string::npos);
}

}  // namespace
}  // namespace auditflow::api
