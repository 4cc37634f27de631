#include "auditflow/api/pages.hpp"

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "auditflow/api/alerts.hpp"
#include "auditflow/api/remote_alerts.hpp"
#include "auditflow/http/router.hpp"
#include "auditflow/store/in_memory_alert_store.hpp"

namespace auditflow::api {
namespace {

using Answer = Result<http::ClientResponse>;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::string_view kId = "a75a8d29-d2d4-42eb-bf3e-bb61047853b0";
constexpr std::string_view kAttack =
    R"(\"><script>alert(1)</script><img src=x onerror='alert(1)'>)";

std::string Row(std::string_view members = {}) {
  return R"({"alert_id":"a75a8d29-d2d4-42eb-bf3e-bb61047853b0","timestamp":"2026-11-20 18:56:09+00:00")" +
         std::string(members) + "}";
}

bool Has(const http::Response& response, std::string_view text) {
  return response.body.find(text) != std::string::npos;
}

/// The pages of a dashboard whose notification service is a function.
class RemotePages : public testing::Test {
 protected:
  RemotePages() {
    AddAlertPages(router, alerts, {.alerts_per_page = 2}, clock);
    clock.SetNow(Timestamp::Parse("2026-11-20T19:00:00Z").value());
  }

  http::Response Get(std::string_view target) {
    http::Request request = http::Request::Make("GET", target).value();
    return router.Dispatch(request).response;
  }

  void Answers(int status, const std::string& body, const http::Headers& headers = {}) {
    service = [=](const http::ClientRequest&) -> Answer {
      return http::ClientResponse{.status = status, .headers = headers, .body = body};
    };
  }

  std::function<Answer(const http::ClientRequest&)> service;
  std::vector<std::string> targets;
  ManualClock clock;
  RemoteAlertReader alerts{
      {.service = {.host = "peer", .port = 8000},
       .transport =
           [this](const http::ClientOptions&, const http::ClientRequest& request) {
             targets.push_back(request.target);
             return service(request);
           }},
      clock};
  http::Router router;
};

TEST_F(RemotePages, ShowsTheAlertsOfAServiceThatKnowsNoFilters) {
  Answers(200, "[" + Row(R"(,"alert_name":"First","severity":"CRITICAL")") + "," + Row() + "," +
                   Row() + "]");
  const http::Response page = Get("/");
  EXPECT_EQ(page.status, 200);
  EXPECT_TRUE(Has(page, "<html lang=\"en\">"));
  EXPECT_TRUE(Has(page, "<h1 class=\"hidden\">Alerts</h1>"));
  EXPECT_TRUE(Has(page, "href=\"/alert/" + std::string(kId) + "\">First</a>"));
  EXPECT_TRUE(Has(page, ">Alert without a name</a>"));
  EXPECT_TRUE(Has(page, "2026-11-20 18:56:09</time>"));
  EXPECT_TRUE(Has(page, "3 min ago"));
  EXPECT_TRUE(Has(page, "as of 2026-11-20 19:00:00 UTC"));
  EXPECT_TRUE(Has(page, "1–2</span>")) << "how many there are is not known";
  EXPECT_TRUE(Has(page, "<a href=\"/?offset=2\">Older →</a>"));
  EXPECT_FALSE(Has(page, "Filter…"));
  EXPECT_FALSE(Has(page, "No filter applied"));
  EXPECT_EQ(targets, std::vector<std::string>{"/alerts?limit=3&offset=0"});
}

TEST_F(RemotePages, DoesNotPretendToFilter) {
  Answers(200, "[" + Row(R"(,"severity":"CRITICAL")") + "]");
  for (const std::string_view target : {"/?severity=LOW", "/?edit=1&q=x", "/?status=resolved"}) {
    const http::Response page = Get(target);
    EXPECT_EQ(page.status, 200);
    EXPECT_TRUE(Has(page, "The notification service at peer:8000 cannot filter.")) << target;
    EXPECT_FALSE(Has(page, "Severity <b>LOW</b>")) << target;
    EXPECT_FALSE(Has(page, "<form")) << target;
  }
  Answers(200, "[]");
  EXPECT_TRUE(Has(Get("/?severity=LOW"), "No alerts yet."));
}

TEST_F(RemotePages, ShowsFiltersAndCountsOfAServiceThatKnowsThem) {
  store::InMemoryAlertStore store;
  alert::Alert alert =
      ReadRemoteAlert(Row(R"(,"severity":"HIGH","alert_name":"n","alert_type":"t")"))
          .value()
          .stored.alert;
  alert.raw_event_data = "{}";
  ASSERT_TRUE(store.Insert({&alert, 1}));
  ASSERT_TRUE(store.SetStatus(alert.alert_id, store::AlertStatus::kFalsePositive,
                              {.by = "ann", .reason = "a <test>"}));
  http::Router theirs;
  AddAlertRoutes(theirs, store);
  service = [&](const http::ClientRequest& sent) -> Answer {
    http::Request request = http::Request::Make(sent.method, sent.target).value();
    const http::Response response = theirs.Dispatch(request).response;
    return http::ClientResponse{response.status, response.headers, response.body};
  };
  const http::Response page = Get("/?status=false_positive&edit=1");
  EXPECT_TRUE(Has(page, "All <b>1</b>"));
  EXPECT_TRUE(Has(page, "HIGH</span> <b>1</b>"));
  EXPECT_TRUE(Has(page, "<option value=\"false_positive\" selected>False positive</option>"));
  EXPECT_TRUE(Has(page, "1–1 of 1"));
  EXPECT_TRUE(Has(page, "<span class=\"tag\">False positive</span>"));
  EXPECT_TRUE(Has(Get("/?severity=LOW"), "No alert matches these filters."));
  EXPECT_TRUE(Has(Get("/?severity=LOW"), "LOW</span> <b>0</b>"));
  const http::Response detail = Get("/alert/" + std::string(kId));
  EXPECT_TRUE(Has(detail, "<dt>Reason</dt><dd>a &lt;test&gt;</dd>"));
  EXPECT_FALSE(Has(detail, "as JSON")) << "a dashboard has no such route";
  EXPECT_EQ(Get("/?since=soon").status, 400);
}

TEST_F(RemotePages, SaysWhatIsAwaySinceWhenAndWhy) {
  Answers(200, "[" + Row(R"(,"alert_name":"Seen before")") + "]");
  ASSERT_EQ(Get("/").status, 200);
  clock.SetNow(Timestamp::Parse("2026-11-20T19:05:00Z").value());
  service = [](const http::ClientRequest&) -> Answer {
    return Error(Unavailable("peer:8000: cannot connect: Connection refused <b>"));
  };
  ASSERT_EQ(Get("/").status, 503);
  clock.SetNow(Timestamp::Parse("2026-11-20T19:15:00Z").value());
  for (const std::string& target : {std::string("/"), "/alert/" + std::string(kId)}) {
    const http::Response page = Get(target);
    EXPECT_EQ(page.status, 503);
    EXPECT_TRUE(Has(page, "The notification service at peer:8000 does not give them."));
    EXPECT_TRUE(Has(page, "cannot connect: Connection refused &lt;b&gt;"));
    EXPECT_TRUE(Has(page, "2026-11-20 19:05:00</time> UTC <span class=\"dim\">(10 min ago)"));
    EXPECT_TRUE(Has(page, "<dt>Last answer</dt><dd><time datetime=\"2026-11-20T19:00:00Z\""));
    EXPECT_FALSE(Has(page, "Seen before")) << "nothing old is shown as if it were current";
    EXPECT_TRUE(http::FindHeader(page.headers, "Retry-After"));
    EXPECT_EQ(Has(page, "http-equiv=\"refresh\""), target == "/");
  }
  Answers(200, "[]");
  EXPECT_TRUE(Has(Get("/"), "No alerts yet."));
}

TEST_F(RemotePages, ABadRowIsNamedAndHidesNoOther) {
  Answers(200, R"([{"alert_id":"<b>"},)" + Row(R"(,"alert_name":"Good")") + "]");
  const http::Response page = Get("/");
  EXPECT_EQ(page.status, 200);
  EXPECT_TRUE(Has(page, "1 alert of this page cannot be read."));
  EXPECT_TRUE(Has(page, ">Good</a>"));
  EXPECT_FALSE(Has(page, "<b>\""));
}

TEST_F(RemotePages, WhatCannotBeReadOfAnAlertIsNamed) {
  Answers(200, Row(R"(,"raw_event_data":{"size":NaN,"x":"</pre><script>"})"));
  const http::Response page = Get("/alert/" + std::string(kId));
  EXPECT_EQ(page.status, 200);
  EXPECT_TRUE(Has(page, "Parts of this alert cannot be read."));
  EXPECT_TRUE(Has(page, "&quot;size&quot;: NaN"));
  EXPECT_FALSE(Has(page, "<script"));
}

TEST_F(RemotePages, NoTextOfAnAlertBecomesMarkup) {
  std::string members;
  for (const std::string_view name :
       {"alert_name", "alert_type", "severity", "description", "source_service_name", "rule_id",
        "rule_name", "actor_type", "actor_id", "client_ip", "resource_type", "resource_id",
        "server_hostname", "action_observed"}) {
    members += ",\"" + std::string(name) + "\":\"" + std::string(kAttack) + "\"";
  }
  const std::string quoted = "\"" + std::string(kAttack) + "\"";
  members += ",\"metadata\":{\"tags\":[" + quoted + "],\"environment\":" + quoted +
             ",\"playbook_url\":\"https://x/" + std::string(kAttack) + "\"," + quoted + ":" +
             quoted + "}";
  members += ",\"analysis_rule_details\":{\"rule_description\":" + quoted + "}";
  members += ",\"raw_event_data\":{" + quoted + ":" + quoted + "}";
  members +=
      ",\"state\":{\"status\":\"resolved\",\"version\":1,\"changed_at\":\"2026-11-20T18:56:09Z\","
      "\"changed_by\":" +
      quoted + ",\"change_reason\":" + quoted + "}";
  const std::string row = Row(members);
  Answers(200, "[" + row + ",{\"alert_id\":" + quoted + "}]");
  const http::Response list = Get("/");
  Answers(200, row);
  const http::Response detail = Get("/alert/" + std::string(kId));
  for (const http::Response& page : {list, detail}) {
    ASSERT_EQ(page.status, 200);
    EXPECT_TRUE(Has(page, "&lt;script&gt;alert(1)"));
    EXPECT_FALSE(Has(page, "<script"));
    EXPECT_FALSE(Has(page, "<img src=x"));
    EXPECT_FALSE(Has(page, "\"><script"));
    const std::string policy(
        http::FindHeader(page.headers, "Content-Security-Policy").value_or(""));
    EXPECT_TRUE(policy.starts_with("default-src 'none'; style-src 'self'")) << policy;
    EXPECT_EQ(policy.find("script"), std::string::npos) << "none allowed: " << policy;
    EXPECT_EQ(policy.find("unsafe"), std::string::npos) << policy;
  }
}

TEST_F(RemotePages, LongTextsAreCut) {
  Answers(200, "[" +
                   Row(",\"description\":\"" + std::string(1'000'000, 'd') + "\",\"severity\":\"" +
                       std::string(100'000, 's') + "\",\"alert_name\":\"" +
                       std::string(100'000, 'n') + "\"") +
                   "]");
  EXPECT_LT(Get("/").body.size(), 10'000);
}

TEST_F(RemotePages, BadAndUnknownIdsHavePages) {
  Answers(404, R"({"message":"Alert not found"})");
  EXPECT_EQ(Get("/alert/no-uuid").status, 400);
  EXPECT_TRUE(targets.empty()) << "nothing that is no id reaches the service";
  const http::Response page = Get("/alert/" + std::string(kId));
  EXPECT_EQ(page.status, 404);
  EXPECT_TRUE(Has(page, "There is no alert " + std::string(kId)));
  EXPECT_TRUE(Has(page, "<a href=\"/\">All alerts</a>"));
  Answers(400, R"({"error":"Offset is too large."})");
  EXPECT_EQ(Get("/?offset=4294967295").status, 400);
}

}  // namespace
}  // namespace auditflow::api
