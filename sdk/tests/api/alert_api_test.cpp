#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "auditflow/api/alerts.hpp"
#include "auditflow/store/in_memory_alert_store.hpp"

namespace auditflow::api {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

alert::Alert NumberedAlert(int n) {
  alert::Alert alert;
  alert.alert_id = Uuid::V5({}, "alert " + std::to_string(n));
  alert.correlation_id = Uuid::V5({}, "event " + std::to_string(n));
  alert.timestamp = Timestamp::FromUnixNanos((1'700'000'000 + std::int64_t{n}) * 1'000'000'000);
  alert.alert_name = "alert " + std::to_string(n);
  alert.alert_type = n % 2 == 0 ? "SECURITY" : "AVAILABILITY";
  alert.severity = n % 3 == 0 ? "CRITICAL" : "HIGH";
  alert.analysis_rule.rule_id = "R-" + std::to_string(n % 2);
  alert.triggered_by = {"USER", "user-" + std::to_string(n), "N/A"};
  alert.impacted_resource.server_hostname = "host-" + std::to_string(n % 2);
  alert.raw_event_data = R"({"n":1.50})";
  return alert;
}

std::string IdOf(int n) { return NumberedAlert(n).alert_id.ToString(); }

class AlertApi : public testing::Test {
 protected:
  AlertApi() { Route({}); }

  void Route(AlertWriteOptions options) {
    AddAlertRoutes(router_, store_);
    AddAlertWriteRoutes(router_, store_, options);
  }
  void Store(int count) {
    std::vector<alert::Alert> alerts;
    for (int i = 0; i < count; ++i) alerts.push_back(NumberedAlert(i));
    ASSERT_TRUE(store_.Insert(alerts));
  }
  http::Response Ask(std::string_view method, std::string_view target, std::string body = {},
                     http::Headers headers = {}) {
    http::Request request =
        http::Request::Make(method, target, std::move(body), std::move(headers)).value();
    return router_.Dispatch(request).response;
  }
  std::vector<std::string> Names(std::string_view target) {
    const http::Response response = Ask("GET", target);
    EXPECT_EQ(response.status, 200) << response.body;
    std::vector<std::string> names;
    for (const json& row : json::parse(response.body)) names.push_back(row["alert_name"]);
    return names;
  }

  store::InMemoryAlertStore store_;
  http::Router router_;
};

std::string HeaderOf(const http::Response& response, std::string_view name) {
  return std::string(http::FindHeader(response.headers, name).value_or(""));
}

TEST_F(AlertApi, RowsCarryTheContractsMembersInItsOrderAndTheStateBehindThem) {
  Store(1);
  const auto row = nlohmann::ordered_json::parse(Ask("GET", "/alerts").body)[0];
  std::vector<std::string> members;
  for (const auto& [key, value] : row.items()) members.push_back(key);
  EXPECT_THAT(members,
              ElementsAre("alert_id", "correlation_id", "timestamp", "received_at", "alert_name",
                          "alert_type", "severity", "description", "source_service_name", "rule_id",
                          "rule_name", "actor_type", "actor_id", "client_ip", "resource_type",
                          "resource_id", "server_hostname", "action_observed",
                          "analysis_rule_details", "triggered_by_details",
                          "impacted_resource_details", "metadata", "raw_event_data", "state"));
  EXPECT_EQ(row["state"].dump(), R"({"status":"open","deleted":false,"version":0,)"
                                 R"("changed_at":null,"changed_by":null,"change_reason":null})");
}

struct FilterCase {
  const char* query;
  std::vector<std::string> names;
};

TEST_F(AlertApi, EachFilterLetsThroughWhatItNames) {
  Store(4);
  ASSERT_TRUE(store_.SetStatus(NumberedAlert(1).alert_id, store::AlertStatus::kResolved,
                               {.by = "somebody"}));
  ASSERT_TRUE(store_.Delete(NumberedAlert(2).alert_id, {.by = "somebody"}));
  const FilterCase cases[] = {
      {"", {"alert 3", "alert 1", "alert 0"}},
      {"?severity=CRITICAL", {"alert 3", "alert 0"}},
      {"?alert_type=SECURITY", {"alert 0"}},
      {"?rule_id=R-1", {"alert 3", "alert 1"}},
      {"?server_hostname=host-0", {"alert 0"}},
      {"?host=host-0", {"alert 0"}},
      {"?actor_id=user-3", {"alert 3"}},
      {"?status=resolved", {"alert 1"}},
      {"?status=open", {"alert 3", "alert 0"}},
      {"?since=2023-11-14T22:13:21Z", {"alert 3", "alert 1"}},
      {"?until=2023-11-14T22:13:21Z", {"alert 0"}},
      {"?q=ALERT%203", {"alert 3"}},
      {"?text=user-1", {"alert 1"}},
      {"?include_deleted=true", {"alert 3", "alert 2", "alert 1", "alert 0"}},
      {"?severity=&unknown=1&include_deleted=false", {"alert 3", "alert 1", "alert 0"}},
  };
  for (const FilterCase& each : cases) {
    EXPECT_EQ(Names(std::string("/alerts") + each.query), each.names) << each.query;
  }
}

TEST_F(AlertApi, WhatTheContractHasWordsForIsSaidInItsFormAndNothingElse) {
  const std::pair<const char*, const char*> cases[] = {
      {"/alerts?limit=0", "Limit must be a positive integer."},
      {"/alerts?limit=-1", "Limit must be a positive integer."},
      {"/alerts?limit=x", "Limit must be an integer."},
      {"/alerts?limit=", "Limit must be an integer."},
      {"/alerts?offset=-1", "Offset cannot be negative."},
      {"/alerts?offset=1.5", "Offset must be an integer."},
      {"/alerts/not-a-uuid", "Invalid alert ID format: 'not-a-uuid'. Must be a valid UUID."},
      {"/alerts/x/history", "Invalid alert ID format: 'x'. Must be a valid UUID."},
  };
  for (const auto& [target, error] : cases) {
    const http::Response response = Ask("GET", target);
    EXPECT_EQ(response.status, 400) << target;
    EXPECT_EQ(response.content_type, "application/json");
    EXPECT_EQ(response.body, "{\"error\":\"" + std::string(error) + "\"}") << target;
  }
  const http::Response missing = Ask("GET", "/alerts/" + IdOf(1));
  EXPECT_EQ(missing.status, 404);
  EXPECT_EQ(missing.content_type, "application/json");
  EXPECT_EQ(missing.body, R"({"message":"Alert not found"})");
}

TEST_F(AlertApi, OtherWrongParametersAreProblemsThatSayWhich) {
  const std::pair<const char*, const char*> cases[] = {
      {"/alerts?status=closed",
       "status: is none of open, acknowledged, resolved and false_positive"},
      {"/alerts?cursor=x", "cursor: is none that this service gave"},
      {"/alerts?include_deleted=maybe", "include_deleted: is neither true nor false"},
      {"/alerts/facets?by=severity,name",
       "by: 'name' is none of severity, alert_type, rule_id, actor_id, server_hostname and status"},
      {"/alerts/facets?by=severity,",
       "by: '' is none of severity, alert_type, rule_id, actor_id, "
       "server_hostname and status"},
  };
  for (const auto& [target, error] : cases) {
    const http::Response response = Ask("GET", target);
    EXPECT_EQ(response.status, 400) << target;
    EXPECT_EQ(response.content_type, "application/problem+json");
    EXPECT_EQ(json::parse(response.body)["detail"], error) << target;
  }
  EXPECT_EQ(json::parse(Ask("GET", "/alerts?since=yesterday").body)["field"], "since");
}

TEST_F(AlertApi, CursorsLeadThroughTheWholeListWhileAlertsComeIn) {
  Store(5);
  std::vector<std::string> seen;
  std::string target = "/alerts?limit=2&alert_type=";
  for (int page = 0; page < 3; ++page) {
    const http::Response response = Ask("GET", target);
    for (const json& row : json::parse(response.body)) seen.push_back(row["alert_name"]);
    EXPECT_EQ(HeaderOf(response, "X-Total-Count"), page == 0 ? "5" : "");
    const std::string cursor = HeaderOf(response, "X-Next-Cursor");
    EXPECT_EQ(cursor.empty(), page == 2);
    target = "/alerts?limit=2&alert_type=&cursor=" + cursor;
    EXPECT_EQ(HeaderOf(response, "Link"), page == 2 ? "" : "<" + target + ">; rel=\"next\"");
    ASSERT_TRUE(store_.Insert(std::vector<alert::Alert>{NumberedAlert(100 + page)}));
  }
  EXPECT_THAT(seen, ElementsAre("alert 4", "alert 3", "alert 2", "alert 1", "alert 0"));
}

TEST(AlertCursor, IsReadBackExactlyAndNothingElseIs) {
  const store::AlertCursor cursor{Timestamp::FromUnixNanos(-5),
                                  Timestamp::FromUnixNanos(1'795'000'000'352'392'001),
                                  Uuid::V5({}, "x")};
  const std::string text = EncodeAlertCursor(cursor);
  EXPECT_THAT(text, SizeIs(44));
  const store::AlertCursor back = DecodeAlertCursor(text).value();
  EXPECT_EQ(back.timestamp, cursor.timestamp);
  EXPECT_EQ(back.received_at, cursor.received_at);
  EXPECT_EQ(back.alert_id, cursor.alert_id);
  for (const std::string& bad : {text + "A", text.substr(1), "B" + text.substr(1),
                                 text.substr(0, 43) + "=", std::string(), std::string(44, '/')}) {
    EXPECT_FALSE(DecodeAlertCursor(bad)) << bad;
  }
}

TEST_F(AlertApi, FacetsCountWhatTheFiltersLetThrough) {
  Store(4);
  EXPECT_EQ(Ask("GET", "/alerts/facets?by=severity,host,severity&alert_type=SECURITY").body,
            R"({"total":2,"facets":{"severity":[{"value":"CRITICAL","count":1},)"
            R"({"value":"HIGH","count":1}],"server_hostname":[{"value":"host-0","count":2}]}})");
  EXPECT_THAT(json::parse(Ask("GET", "/alerts/facets").body)["facets"], SizeIs(6));
  EXPECT_THAT(
      json::parse(Ask("GET", "/alerts/facets?by=actor_id&limit=3").body)["facets"]["actor_id"],
      SizeIs(3));
}

TEST_F(AlertApi, PostStoresOneAlertOnce) {
  const std::string text = alert::ToJson(NumberedAlert(1));
  const http::Response created = Ask("POST", "/alerts", text);
  EXPECT_EQ(created.status, 201);
  EXPECT_EQ(HeaderOf(created, "Location"), "/alerts/" + IdOf(1));
  EXPECT_EQ(created.body, R"({"stored":1,"duplicates":0,"refused":0,"results":[{"alert_id":")" +
                              IdOf(1) + R"(","outcome":"stored"}]})");
  const http::Response again = Ask("POST", "/alerts", text, {{"Content-Type", "application/json"}});
  EXPECT_EQ(again.status, 200);
  EXPECT_THAT(again.body, HasSubstr(R"("outcome":"duplicate")"));
  EXPECT_THAT(Ask("GET", "/alerts/" + IdOf(1)).body, HasSubstr(R"("raw_event_data":{"n":1.50})"));
}

TEST_F(AlertApi, PostOfAnArraySaysWhatBecameOfEach) {
  const std::string one = alert::ToJson(NumberedAlert(1));
  const std::string two = alert::ToJson(NumberedAlert(2));
  EXPECT_EQ(Ask("POST", "/alerts", "[" + one + "," + two + "]").status, 201);
  const http::Response mixed =
      Ask("POST", "/alerts",
          " [" + one + ", {\"alert_id\":7}, 5," + alert::ToJson(NumberedAlert(3)) + "]");
  EXPECT_EQ(mixed.status, 207);
  const json body = json::parse(mixed.body);
  EXPECT_EQ(body["stored"], 1);
  EXPECT_EQ(body["duplicates"], 1);
  EXPECT_EQ(body["refused"], 2);
  EXPECT_EQ(body["results"][0]["outcome"], "duplicate");
  EXPECT_EQ(body["results"][1]["reason"], "alert_id: must be a string");
  EXPECT_EQ(body["results"][2]["outcome"], "refused");
  EXPECT_EQ(body["results"][3]["outcome"], "stored");
  EXPECT_EQ(Ask("POST", "/alerts", "[]").status, 200);
  EXPECT_EQ(store_.Count({}).value(), 3U);
}

TEST_F(AlertApi, BadBodiesOfPostAreRefusedWithTheirPlace) {
  std::string renamed = alert::ToJson(NumberedAlert(1));
  renamed.replace(renamed.find("alert_type"), 10, "other_type");
  const std::tuple<std::string, int, const char*> cases[] = {
      {"", 400, "offset 0"},
      {"nonsense", 400, "offset 0"},
      {"{\"alert_id\":", 400, "offset"},
      {renamed, 400, "alert_type: is missing"},
      {"[" + renamed + "]", 400, "the first of 1: alert_type: is missing"},
      {"[1,", 400, "offset 3:"},
      {"[],\"x\":[1]", 400, "the body: must be one alert or one array of alerts"},
      {"[1]]", 400, "offset 3:"},
      {"[" + std::string(200, '[') + std::string(200, ']') + "]", 400, "offset"},
  };
  for (const auto& [text, status, reason] : cases) {
    const http::Response response = Ask("POST", "/alerts", text);
    EXPECT_EQ(response.status, status) << text;
    EXPECT_THAT(response.body, HasSubstr(reason)) << text;
  }
  EXPECT_EQ(json::parse(Ask("POST", "/alerts", renamed).body)["field"], "alert_type");
  EXPECT_EQ(Ask("POST", "/alerts", "a=b", {{"content-type", "text/plain"}}).status, 415);
  EXPECT_EQ(store_.Count({}).value(), 0U);
}

TEST_F(AlertApi, PostTakesNoMoreThanItsLimit) {
  Route({.max_alerts = 2});
  EXPECT_EQ(Ask("POST", "/alerts", "[1,2,3]").status, 413);
}

TEST_F(AlertApi, PostedAlertsStandInTheLedgerAndAreAnnounced) {
  observe::Metrics metrics;
  observe::NotificationMetrics notification(metrics);
  std::vector<std::string> announced;
  Route({.metrics = &notification,
         .on_stored = [&](const alert::Alert& alert) { announced.push_back(alert.alert_name); }});
  const std::string one = alert::ToJson(NumberedAlert(1));
  Ask("POST", "/alerts", "[" + one + "," + one + ",{}]");
  EXPECT_THAT(announced, ElementsAre("alert 1"));
  EXPECT_EQ(notification.alerts.received.Value(), 3);
  EXPECT_EQ(notification.alerts.processed.Value(), 1);
  EXPECT_EQ(notification.alerts.duplicate.Value(), 1);
  EXPECT_EQ(notification.alerts.Settled(), 3);
}

TEST_F(AlertApi, PatchKeepsWhoWhenAndWhy) {
  Store(1);
  const std::string target = "/alerts/" + IdOf(0);
  const http::Response changed =
      Ask("PATCH", target, R"({"status":"acknowledged","by":"ann","reason":"looking"})");
  EXPECT_EQ(changed.status, 200);
  EXPECT_EQ(HeaderOf(changed, "ETag"), "\"1\"");
  json state = json::parse(changed.body)["state"];
  EXPECT_EQ(state["status"], "acknowledged");
  EXPECT_EQ(state["changed_by"], "ann");
  EXPECT_EQ(state["change_reason"], "looking");
  EXPECT_EQ(state["version"], 1);
  EXPECT_EQ(json::parse(Ask("GET", target).body)["state"], state);
  EXPECT_EQ(json::parse(Ask("GET", target + "/history").body), json::array({state}));
}

TEST_F(AlertApi, ChangesHappenOnlyToTheVersionThatTheyAreMeantFor) {
  Store(1);
  const std::string target = "/alerts/" + IdOf(0);
  const std::string body = R"({"status":"resolved","by":"ann")";
  const auto patch = [&](std::string_view version, const char* if_match = nullptr) {
    http::Headers headers;
    if (if_match != nullptr) headers.emplace_back("If-Match", if_match);
    return Ask("PATCH", target, body + std::string(version) + "}", headers).status;
  };
  EXPECT_EQ(patch(R"(,"version":1)"), 409);
  EXPECT_EQ(patch("", "\"1\""), 412);
  EXPECT_EQ(patch("", "W/\"0\""), 412);
  EXPECT_EQ(patch("", "nonsense"), 412);
  EXPECT_EQ(patch(R"(,"version":0)"), 200);
  EXPECT_EQ(patch("", "\"7\", \"1\""), 200);
  EXPECT_EQ(patch("", "*"), 200);
  EXPECT_EQ(patch(""), 200);
  EXPECT_EQ(HeaderOf(Ask("GET", target), "ETag"), "\"4\"");
  EXPECT_EQ(Ask("GET", target, "", {{"If-None-Match", "W/\"4\""}}).status, 304);
  EXPECT_EQ(Ask("GET", target, "", {{"If-None-Match", "\"3\""}}).status, 200);
}

TEST_F(AlertApi, BadChangesAreRefusedWithTheFieldsName) {
  Store(1);
  const std::string target = "/alerts/" + IdOf(0);
  const std::pair<std::string, std::string> cases[] = {
      {R"({"by":"ann"})", "status"},
      {R"({"status":"open"})", "by"},
      {R"({"status":"open","by":""})", "by"},
      {R"({"status":"closed","by":"ann"})", "status"},
      {R"({"status":5,"by":"ann"})", "status"},
      {R"({"status":"open","by":["ann"]})", "by"},
      {R"({"status":"open","by":"ann","reason":{}})", "reason"},
      {R"({"status":"open","by":"ann","version":-1})", "version"},
      {R"({"status":"open","by":"ann","version":1.0})", "version"},
      {R"({"status":"open","by":"ann","version":4294967296})", "version"},
      {R"({"status":"open","by":"ann","extra":1})", "extra"},
      {R"({"status":"open","by":"a\u0000b"})", "by"},
      {R"({"status":"open","by":")" + std::string(256, 'x') + "\"}", "by"},
      {R"({"status":"open","by":"ann","reason":")" + std::string(4001, 'x') + "\"}", "reason"},
  };
  for (const auto& [body, field] : cases) {
    const http::Response response = Ask("PATCH", target, body);
    EXPECT_EQ(response.status, 400) << body;
    EXPECT_EQ(json::parse(response.body).value("field", ""), field) << body;
  }
  for (const char* const body : {"[]", "{", "nonsense", R"({"status":"open","status":"open"})"}) {
    EXPECT_EQ(Ask("PATCH", target, body).status, 400) << body;
  }
  EXPECT_EQ(Ask("PATCH", "/alerts/" + IdOf(9), R"({"status":"open","by":"ann"})").status, 404);
  EXPECT_EQ(Ask("PATCH", "/alerts/9", R"({"status":"open","by":"ann"})").status, 400);
  EXPECT_EQ(Ask("GET", target).headers.front().second, "\"0\"");
}

TEST_F(AlertApi, TheFacetsAreNoAlertThatCouldBeChanged) {
  for (const char* const method : {"PATCH", "DELETE"}) {
    const http::Response response = Ask(method, "/alerts/facets?by=ann", R"({"status":"open"})");
    EXPECT_EQ(response.status, 405);
    EXPECT_EQ(HeaderOf(response, "Allow"), "GET, HEAD, OPTIONS");
  }
}

TEST_F(AlertApi, ACallerWhoIsKnownSignsWhateverTheBodySays) {
  router_.SetGuard([](http::Request& request, std::string_view scope) {
    request.caller = scope == "alerts:write" ? "token-of-ann" : "a reader";
    return std::optional<http::Response>();
  });
  Store(1);
  const http::Response changed =
      Ask("PATCH", "/alerts/" + IdOf(0), R"({"status":"resolved","by":"somebody else"})");
  EXPECT_EQ(json::parse(changed.body)["state"]["changed_by"], "token-of-ann");
  EXPECT_EQ(Ask("DELETE", "/alerts/" + IdOf(0)).status, 200);
}

TEST_F(AlertApi, DeletedAlertsAreGoneButForTheirHistory) {
  Store(2);
  const std::string target = "/alerts/" + IdOf(0);
  EXPECT_EQ(Ask("DELETE", target).status, 400);
  EXPECT_EQ(Ask("DELETE", target, R"({"by":"ann","version":3})").status, 409);
  EXPECT_EQ(Ask("DELETE", target + "?by=ann&version=x").status, 400);
  const http::Response deleted = Ask("DELETE", target, R"({"by":"ann","reason":"a test"})");
  EXPECT_EQ(deleted.status, 200);
  EXPECT_EQ(json::parse(deleted.body)["state"]["deleted"], true);
  EXPECT_EQ(Ask("GET", target).status, 404);
  EXPECT_EQ(json::parse(Ask("GET", target).body)["message"], "Alert not found");
  EXPECT_EQ(Ask("DELETE", target + "?by=ann").status, 404);
  EXPECT_EQ(Ask("PATCH", target, R"({"status":"open","by":"ann"})").status, 404);
  EXPECT_THAT(json::parse(Ask("GET", target + "/history").body), SizeIs(1));
  EXPECT_EQ(Ask("DELETE", "/alerts/" + IdOf(1) + "?by=ann&reason=test&version=0").status, 200);
  EXPECT_EQ(Ask("GET", "/alerts/" + IdOf(7) + "/history").status, 404);
  EXPECT_EQ(Ask("POST", "/alerts", alert::ToJson(NumberedAlert(0))).status, 200);
  EXPECT_EQ(Ask("GET", target).status, 404);
}

}  // namespace
}  // namespace auditflow::api
