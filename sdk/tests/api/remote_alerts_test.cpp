#include "auditflow/api/remote_alerts.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "auditflow/api/alerts.hpp"
#include "auditflow/http/router.hpp"
#include "auditflow/store/in_memory_alert_store.hpp"

namespace auditflow::api {
namespace {

using Answer = Result<http::ClientResponse>;
using std::chrono::seconds;

constexpr std::string_view kId = "a75a8d29-d2d4-42eb-bf3e-bb61047853b0";

// As the Python service sends it.
constexpr std::string_view kPythonRow = R"({
  "alert_id": "a75a8d29-d2d4-42eb-bf3e-bb61047853b0",
  "correlation_id": "f00eadcb-3032-4e3f-a35c-badd7cf705cd",
  "timestamp": "2026-11-20 18:56:09+00:00", "received_at": "2026-11-20 18:56:09.123456+00:00",
  "alert_name": "Multiple Failed Login Attempts", "alert_type": "SECURITY", "severity": "CRITICAL",
  "description": "3 or more", "source_service_name": "audit-event-generator",
  "rule_id": "ANLY-SEC-001", "rule_name": "Failed Login Burst Detection",
  "actor_type": "USER", "actor_id": "app_user", "client_ip": null,
  "resource_type": "SERVER", "resource_id": "prod-db-02", "server_hostname": "prod-db-02",
  "action_observed": "LOGIN_FAILURE",
  "analysis_rule_details": {"rule_id": "ANLY-SEC-001", "rule_description": "Detects bursts."},
  "triggered_by_details": {"actor_id": "app_user", "client_ip": "N/A"},
  "impacted_resource_details": {"server_hostname": "prod-db-02"},
  "metadata": {"tags": ["brute-force", 7], "environment": "DEVELOPMENT", "extra": {"n": 1.50}},
  "raw_event_data": {"user_id": "app_user", "n": 1.50}})";

std::string RowWith(std::string_view members) {
  return R"({"alert_id":"a75a8d29-d2d4-42eb-bf3e-bb61047853b0","timestamp":"2026-11-20T18:56:09Z",)" +
         std::string(members) + "}";
}

http::ClientResponse Reply(int status, std::string body, http::Headers headers = {}) {
  return {.status = status, .headers = std::move(headers), .body = std::move(body)};
}

/// A reader whose service is a function.
class RemoteAlerts : public testing::Test {
 protected:
  std::function<Answer(const http::ClientRequest&)> service;
  std::vector<std::string> targets;
  ManualClock clock;
  RemoteAlertOptions options = [this] {
    RemoteAlertOptions all;
    all.service = {.host = "peer", .port = 8000};
    all.transport = [this](const http::ClientOptions&, const http::ClientRequest& request) {
      targets.push_back(request.target);
      return service(request);
    };
    return all;
  }();
  RemoteAlertReader reader{options, clock};

  void Answers(int status, const std::string& body, const http::Headers& headers = {}) {
    service = [=](const http::ClientRequest&) -> Answer { return Reply(status, body, headers); };
  }
};

TEST(ReadRemoteAlert, ReadsThePythonForm) {
  const Result<RemoteAlert> row = ReadRemoteAlert(kPythonRow);
  ASSERT_TRUE(row) << row.error().message();
  EXPECT_TRUE(row->faults.empty());
  const alert::Alert& alert = row->stored.alert;
  EXPECT_EQ(alert.alert_id.ToString(), kId);
  EXPECT_EQ(alert.timestamp.ToString(), "2026-11-20T18:56:09Z");
  EXPECT_EQ(row->stored.received_at.ToString(), "2026-11-20T18:56:09.123456Z");
  EXPECT_EQ(alert.analysis_rule.rule_description, "Detects bursts.");
  EXPECT_EQ(alert.triggered_by.client_ip, "N/A");
  EXPECT_EQ(alert.metadata.tags, (std::vector<std::string>{"brute-force", "7"}));
  EXPECT_EQ(alert.metadata.extra_json, R"("extra":{"n":1.50})");
  EXPECT_EQ(alert.raw_event_data, R"({"user_id":"app_user","n":1.50})");
}

TEST(ReadRemoteAlert, MembersMayBeMissingNullOrOfAnotherType) {
  const Result<RemoteAlert> row = ReadRemoteAlert(
      RowWith(R"("alert_name":7,"severity":null,"description":["a",{"b":1}],"unknown":true,)"
              R"("metadata":{"tags":"none"},"actor_id":false)"));
  ASSERT_TRUE(row) << row.error().message();
  EXPECT_TRUE(row->faults.empty());
  EXPECT_EQ(row->stored.alert.alert_name, "7");
  EXPECT_EQ(row->stored.alert.severity, "");
  EXPECT_EQ(row->stored.alert.description, R"(["a",{"b":1}])");
  EXPECT_EQ(row->stored.alert.triggered_by.actor_id, "false");
  EXPECT_EQ(row->stored.alert.metadata.extra_json, R"("tags":"none")");
  EXPECT_EQ(row->stored.received_at, Timestamp());
  EXPECT_EQ(row->stored.alert.raw_event_data, "");
}

struct BadRow {
  std::string row;
  std::string reason;
};

TEST(ReadRemoteAlert, ARowWithoutIdentityIsNoAlert) {
  const std::string id = "\"alert_id\":\"" + std::string(kId) + "\"";
  const std::vector<BadRow> rows = {
      {"", "is no JSON object"},
      {"null", "is no JSON object"},
      {"[]", "is no JSON object"},
      {"{\"alert_id\":\"x\"", "is no JSON object"},
      {"{}", "alert_id: is missing"},
      {R"({"alert_id":null})", "alert_id: is missing"},
      {R"({"alert_id":7})", "alert_id: must be a string"},
      {R"({"alert_id":"1' OR '1'='1"})", "alert_id: "},
      {"{\"alert_id\":\"\xff\"}", "alert_id: "},
      {"{" + id + "}", "timestamp: is missing"},
      {"{" + id + R"(,"timestamp":"yesterday"})", "timestamp: "},
      {"{" + id + R"(,"timestamp":1763665569})", "timestamp: must be a string"},
      {"{" + id + R"(,"timestamp":"99999-01-01T00:00:00Z"})", "timestamp: "},
      {"{" + id + "," + id + "}", "alert_id: occurs twice"},
      {"{" + id + R"(,"alert\u005fid":"x"})", "alert_id: occurs twice"},
      {"{\"\xff\":1}", "the name of a member"},
  };
  for (const BadRow& bad : rows) {
    const Result<RemoteAlert> row = ReadRemoteAlert(bad.row);
    ASSERT_FALSE(row) << bad.row;
    EXPECT_EQ(row.error().code(), StatusCode::kDataLoss);
    EXPECT_TRUE(row.error().message().starts_with(bad.reason)) << row.error().message();
  }
}

TEST(ReadRemoteAlert, AFaultyMemberCostsOnlyItself) {
  const std::vector<BadRow> rows = {
      {"\"description\":\"\xff\xfe\"", "description: "},
      {"\"severity\":NaN", "severity: "},
      {R"("received_at":"soon")", "received_at: "},
      {R"("correlation_id":"none")", "correlation_id: "},
      {R"("metadata":[])", "metadata: must be an object"},
      {R"("metadata":{"a":1,"a":2})", "metadata: "},
      {R"("triggered_by_details":"{}")", "triggered_by_details: must be an object"},
      {R"("state":{"status":"closed"})", "state: status"},
      {R"("state":{"status":"open","changed_at":"x"})", "state: changed_at"},
      {R"("raw_event_data":{"size":1e999})", "raw_event_data: "},
      {R"("raw_event_data":{"size":18446744073709551616})", "raw_event_data: "},
  };
  for (const BadRow& bad : rows) {
    const Result<RemoteAlert> row = ReadRemoteAlert(RowWith(bad.row + R"(,"alert_name":"kept")"));
    ASSERT_TRUE(row) << bad.row << ": " << row.error().message();
    EXPECT_EQ(row->stored.alert.alert_name, "kept");
    ASSERT_EQ(row->faults.size(), 1) << bad.row;
    EXPECT_TRUE(row->faults[0].starts_with(bad.reason)) << row->faults[0];
  }
}

TEST(ReadRemoteAlert, AnEventThatNoParserTakesIsKeptAsItCame) {
  const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
  for (const std::string& event :
       {std::string(R"({"size":Infinity})"), "{\"deep\":" + deep + "}", std::string("\"text\"")}) {
    const Result<RemoteAlert> row = ReadRemoteAlert(RowWith("\"raw_event_data\":" + event));
    ASSERT_TRUE(row) << row.error().message();
    EXPECT_EQ(row->stored.alert.raw_event_data, event);
    EXPECT_EQ(row->faults.size(), 1);
  }
}

TEST_F(RemoteAlerts, APageOfAServiceThatKnowsNoFilters) {
  Answers(200, "[" + std::string(kPythonRow) + "," + RowWith("\"alert_name\":\"2\"") + "]");
  store::AlertQuery query;
  query.limit = 1;
  query.severity = "HIGH & more";
  const Result<RemoteAlertPage> page = reader.ListPage(query);
  ASSERT_TRUE(page) << page.error().message();
  EXPECT_EQ(targets.back(), "/alerts?limit=2&offset=0&severity=HIGH%20%26%20more");
  EXPECT_EQ(page->alerts.size(), 1);
  EXPECT_EQ(page->rows, 1);
  EXPECT_TRUE(page->more);
  EXPECT_FALSE(page->filtered);
  EXPECT_FALSE(page->total);
  EXPECT_EQ(reader.List(query).error().code(), StatusCode::kUnimplemented);
  EXPECT_EQ(reader.Count(query).error().code(), StatusCode::kUnimplemented);
}

TEST_F(RemoteAlerts, TheLastPageIsKnownByWhatIsMissing) {
  Answers(200, "[" + std::string(kPythonRow) + "]");
  store::AlertQuery query;
  query.limit = 1;
  EXPECT_FALSE(reader.ListPage(query)->more);
  Answers(200, "[" + std::string(kPythonRow) + "]", {{"x-total-count", "12"}});
  EXPECT_TRUE(reader.ListPage(query)->more);
  EXPECT_EQ(reader.ListPage(query)->total, 12);
  query.offset = 11;
  EXPECT_FALSE(reader.ListPage(query)->more);
}

TEST_F(RemoteAlerts, ABadRowHidesNoOther) {
  Answers(200, "[{\"alert_id\":\"x\"}," + std::string(kPythonRow) + ",NaN]");
  const Result<RemoteAlertPage> page = reader.ListPage({});
  ASSERT_TRUE(page) << page.error().message();
  EXPECT_EQ(page->alerts.size(), 1);
  EXPECT_EQ(page->rows, 3);
  ASSERT_EQ(page->unreadable.size(), 2);
  EXPECT_TRUE(page->unreadable[0].starts_with("row 1: alert_id: ")) << page->unreadable[0];
  EXPECT_TRUE(page->unreadable[1].starts_with("row 3: ")) << page->unreadable[1];
  // Nobody who asks for all of them gets some.
  EXPECT_EQ(reader.List({}).error().code(), StatusCode::kDataLoss);
}

TEST_F(RemoteAlerts, RowsThatAreTooLargeTogetherComeInSmallerPages) {
  service = [](const http::ClientRequest& request) -> Answer {
    if (request.target.starts_with("/alerts?limit=2&")) {
      return Reply(200, "[" + std::string(kPythonRow) + "," + std::string(kPythonRow) + "]");
    }
    return Error(ResourceExhausted("peer:8000: the answer is too large"));
  };
  store::AlertQuery query;
  query.limit = 10;
  const Result<RemoteAlertPage> page = reader.ListPage(query);
  ASSERT_TRUE(page) << page.error().message();
  EXPECT_EQ(page->rows, 2);
  EXPECT_TRUE(page->more);
  EXPECT_EQ(targets.size(), 3);  // 11, 5, 2
}

TEST_F(RemoteAlerts, ARowThatIsTooLargeAloneIsUnreadable) {
  service = [](const http::ClientRequest&) -> Answer {
    return Error(ResourceExhausted("peer:8000: the answer is too large"));
  };
  const Result<RemoteAlertPage> page = reader.ListPage({});
  ASSERT_TRUE(page) << page.error().message();
  EXPECT_TRUE(page->alerts.empty());
  EXPECT_EQ(page->unreadable,
            std::vector<std::string>{"row 1: peer:8000: the answer is too large"});
  EXPECT_EQ(page->rows, 1);
  EXPECT_TRUE(page->more);
}

struct Failure {
  Answer answer;
  StatusCode code;
  std::string_view message;
  bool down;
};

TEST_F(RemoteAlerts, EachWayToFailHasItsOwnStatus) {
  const std::vector<Failure> failures = {
      {Error(Unavailable("peer:8000: cannot connect: Connection refused")),
       StatusCode::kUnavailable, "peer:8000: cannot connect", true},
      {Error(DeadlineExceeded("peer:8000: no answer in time")), StatusCode::kDeadlineExceeded,
       "peer:8000: no answer", true},
      {Error(InvalidArgument("headers: bad")), StatusCode::kFailedPrecondition,
       "peer:8000: headers", true},
      {Reply(400, R"({"error":"Limit must be an integer."})"), StatusCode::kInvalidArgument,
       "peer:8000: Limit must be an integer.", false},
      {Reply(401, ""), StatusCode::kUnauthenticated, "peer:8000: answers 401", true},
      {Reply(403, ""), StatusCode::kPermissionDenied, "peer:8000: answers 403", true},
      {Reply(302, ""), StatusCode::kFailedPrecondition, "peer:8000: answers 302", true},
      {Reply(404, "<html>"), StatusCode::kFailedPrecondition, "peer:8000: answers 404", true},
      {Reply(429, ""), StatusCode::kUnavailable, "peer:8000: answers 429", true},
      {Reply(500, R"({"error":"Internal server error"})"), StatusCode::kUnavailable,
       "peer:8000: answers 500 Internal Server Error: Internal server error", true},
      {Reply(503, R"({"detail":"the database is away"})"), StatusCode::kUnavailable,
       "peer:8000: answers 503 Service Unavailable: the database is away", true},
      {Reply(200, "<html>"), StatusCode::kDataLoss, "peer:8000: the answer is no JSON array", true},
      {Reply(200, R"({"alerts":[]})"), StatusCode::kDataLoss, "peer:8000: the answer is no", true},
      {Reply(200, "[],\"x\":1"), StatusCode::kDataLoss, "peer:8000: the answer is no", true},
  };
  for (const Failure& failure : failures) {
    service = [&](const http::ClientRequest&) { return failure.answer; };
    const Status status = reader.Ping();
    EXPECT_EQ(status.code(), failure.code) << status.message();
    EXPECT_TRUE(status.message().starts_with(failure.message)) << status.message();
    EXPECT_EQ(reader.ListPage({}).error(), status);
    EXPECT_EQ(reader.health().up, !failure.down) << status.message();
    EXPECT_EQ(reader.health().reason, failure.down ? status.message() : "");
  }
}

TEST_F(RemoteAlerts, HealthSaysSinceWhenAndWhenItLastWorked) {
  clock.SetNow(Timestamp::FromUnixNanos(1'000));
  EXPECT_FALSE(reader.health().up);
  EXPECT_FALSE(reader.health().last_success);
  Answers(200, "[]");
  ASSERT_TRUE(reader.Ping().ok());
  EXPECT_TRUE(reader.health().up);
  EXPECT_EQ(reader.health().since.unix_nanos(), 1'000);
  Answers(500, "");
  clock.SetNow(Timestamp::FromUnixNanos(2'000));
  ASSERT_FALSE(reader.Ping().ok());
  clock.SetNow(Timestamp::FromUnixNanos(3'000));
  ASSERT_FALSE(reader.Ping().ok());
  EXPECT_EQ(reader.health().since.unix_nanos(), 2'000);
  EXPECT_EQ(reader.health().last_success, Timestamp::FromUnixNanos(1'000));
}

TEST_F(RemoteAlerts, OneAlertIsThereOrNotOrTheServiceIsWrong) {
  const Uuid id = Uuid::Parse(kId).value();
  Answers(200, std::string(kPythonRow));
  EXPECT_EQ((*reader.Find(id))->stored.alert.alert_id, id);
  EXPECT_EQ(targets.back(), "/alerts/" + std::string(kId));
  Answers(404, R"({"message":"Alert not found"})");
  EXPECT_EQ(*reader.Get(id), std::nullopt);
  EXPECT_TRUE(reader.health().up);
  Answers(404, "<h1>Not Found</h1>");
  EXPECT_EQ(reader.Get(id).error().code(), StatusCode::kFailedPrecondition);
  for (const std::string& body :
       {std::string("[]"), std::string(kPythonRow) + "x", std::string()}) {
    Answers(200, body);
    EXPECT_EQ(reader.Get(id).error().code(), StatusCode::kDataLoss) << body;
  }
  Answers(200, std::string(kPythonRow));
  EXPECT_EQ(reader.Get(Uuid::V5({}, "other")).error().code(), StatusCode::kDataLoss);
}

TEST_F(RemoteAlerts, SendsItsTokenAndNeverShowsIt) {
  options.token = Secret("top-secret");
  RemoteAlertReader with_token(options, clock);
  std::string sent;
  service = [&](const http::ClientRequest& request) -> Answer {
    sent = http::FindHeader(request.headers, "authorization").value_or("");
    return Reply(401, "");
  };
  EXPECT_EQ(with_token.Ping().message().find("top-secret"), std::string::npos);
  EXPECT_EQ(sent, "Bearer top-secret");
  ASSERT_FALSE(reader.Ping().ok());
  EXPECT_EQ(sent, "");
}

TEST_F(RemoteAlerts, WhileTheServiceIsDownOneCallerAsksAndTheOthersDoNotWait) {
  service = [](const http::ClientRequest&) -> Answer { return Error(Unavailable("refused")); };
  ASSERT_FALSE(reader.Ping().ok());
  std::promise<void> asked;
  std::promise<void> answer;
  service = [&](const http::ClientRequest&) -> Answer {
    asked.set_value();
    answer.get_future().wait();
    return Reply(200, "[]");
  };
  std::future<Status> first = std::async(std::launch::async, [this] { return reader.Ping(); });
  asked.get_future().wait();
  EXPECT_EQ(reader.Ping().message(), "peer:8000: refused");
  EXPECT_EQ(targets.size(), 2);
  answer.set_value();
  EXPECT_TRUE(first.get().ok());
  Answers(200, "[]");
  EXPECT_TRUE(reader.Ping().ok());
}

TEST_F(RemoteAlerts, ASlowServiceHoldsUpNoMoreCallersThanItMay) {
  options.max_concurrent = 1;
  options.queue_timeout = Duration::zero();
  RemoteAlertReader bounded(options, clock);
  std::promise<void> asked;
  std::promise<void> answer;
  service = [&](const http::ClientRequest&) -> Answer {
    asked.set_value();
    answer.get_future().wait();
    return Reply(200, "[]");
  };
  std::future<Status> first = std::async(std::launch::async, [&bounded] { return bounded.Ping(); });
  asked.get_future().wait();
  EXPECT_EQ(bounded.Ping(), Unavailable("peer:8000: too many requests wait for it already"));
  answer.set_value();
  EXPECT_TRUE(first.get().ok());
  EXPECT_TRUE(bounded.health().up) << "being busy is not being away";
  Answers(200, "[]");
  EXPECT_TRUE(bounded.Ping().ok());
}

TEST_F(RemoteAlerts, WhoWaitsForRoomGetsIt) {
  options.max_concurrent = 1;
  options.queue_timeout = std::chrono::hours(1);
  RemoteAlertReader bounded(options, clock);
  std::promise<void> asked;
  std::promise<void> answer;
  std::atomic<int> requests = 0;
  service = [&](const http::ClientRequest&) -> Answer {
    if (requests++ == 0) {
      asked.set_value();
      answer.get_future().wait();
    }
    return Reply(200, "[]");
  };
  std::future<Status> first = std::async(std::launch::async, [&bounded] { return bounded.Ping(); });
  asked.get_future().wait();
  std::future<Status> second =
      std::async(std::launch::async, [&bounded] { return bounded.Ping(); });
  answer.set_value();
  EXPECT_TRUE(first.get().ok());
  EXPECT_TRUE(second.get().ok());
  EXPECT_EQ(requests, 2);
}

TEST_F(RemoteAlerts, TellsWhoeverListensAfterEachRequest) {
  std::vector<bool> seen;
  options.on_request = [&](const PeerHealth& health) { seen.push_back(health.up); };
  RemoteAlertReader listened(options, clock);
  Answers(200, "[]");
  ASSERT_TRUE(listened.Ping().ok());
  Answers(500, "");
  ASSERT_FALSE(listened.Ping().ok());
  EXPECT_EQ(seen, (std::vector<bool>{true, false}));
}

TEST_F(RemoteAlerts, AServiceWithoutCountsAndHistoriesSaysSo) {
  Answers(400, R"({"error":"Invalid alert ID format: 'facets'. Must be a valid UUID."})");
  EXPECT_EQ(reader.CountBy(store::AlertFacet::kSeverity, {}).error().code(),
            StatusCode::kUnimplemented);
  Answers(404, "<h1>Not Found</h1>");
  EXPECT_EQ(reader.History({}).error().code(), StatusCode::kUnimplemented);
  store::AlertQuery query;
  query.after = store::AlertCursor();
  EXPECT_EQ(reader.List(query).error().code(), StatusCode::kUnimplemented);
}

/// The reader over our own routes, without a connection between them.
class OurService : public RemoteAlerts {
 protected:
  OurService() {
    AddAlertRoutes(router_, store, {.default_limit = 100, .max_limit = 3});
    service = [this](const http::ClientRequest& sent) -> Answer {
      http::Request request = http::Request::Make(sent.method, sent.target).value();
      const http::Response response = router_.Dispatch(request).response;
      return Reply(response.status, response.body, response.headers);
    };
  }

  void Fill(int count) {
    std::vector<alert::Alert> alerts;
    for (int i = 0; i < count; ++i) {
      RemoteAlert row = ReadRemoteAlert(kPythonRow).value();
      alert::Alert& alert = row.stored.alert;
      alert.alert_id = Uuid::V5({}, std::to_string(i));
      alert.timestamp = alert.timestamp + seconds(i);
      if (i % 2 == 0) alert.severity = "HIGH";
      alert.triggered_by.client_ip = i % 3 == 0 ? "192.168.1.150" : "N/A";
      alerts.push_back(std::move(alert));
    }
    ASSERT_TRUE(store.Insert(alerts));
  }

  static void ExpectSame(const std::vector<store::StoredAlert>& a,
                         const std::vector<store::StoredAlert>& b) {
    ASSERT_EQ(a.size(), b.size());
    for (std::size_t i = 0; i < a.size(); ++i) {
      EXPECT_EQ(a[i].alert, b[i].alert);
      EXPECT_EQ(a[i].received_at, b[i].received_at);
      EXPECT_EQ(a[i].state, b[i].state);
    }
  }

  store::InMemoryAlertStore store;

 private:
  http::Router router_;
};

TEST_F(OurService, GivesWhatTheStoreGives) {
  Fill(10);
  const Uuid changed = Uuid::V5({}, "3");
  ASSERT_TRUE(
      store.SetStatus(changed, store::AlertStatus::kResolved, {.by = "ann", .reason = "<b>"}));
  store::AlertQuery all;
  store::AlertQuery high;
  high.severity = "HIGH";
  high.limit = 2;
  high.offset = 1;
  store::AlertQuery resolved;
  resolved.status = store::AlertStatus::kResolved;
  store::AlertQuery recent;
  recent.since = Timestamp::Parse("2026-11-20T18:56:14Z").value();
  recent.text = "PROD-db";
  for (const store::AlertQuery& query : {all, high, resolved, recent}) {
    const auto here = reader.List(query);
    ASSERT_TRUE(here) << here.error().message();
    ExpectSame(*here, store.List(query).value());
    EXPECT_EQ(*reader.Count(query), *store.Count(query));
    EXPECT_EQ(*reader.CountBy(store::AlertFacet::kSeverity, query),
              *store.CountBy(store::AlertFacet::kSeverity, query));
  }
  ExpectSame({**reader.Get(changed)}, {**store.Get(changed)});
  EXPECT_EQ(*reader.History(changed), *store.History(changed));
  EXPECT_TRUE(reader.History(Uuid::V5({}, "none"))->empty());
  EXPECT_EQ(*reader.Get(Uuid::V5({}, "none")), std::nullopt);
  EXPECT_TRUE(reader.Ping().ok());
}

}  // namespace
}  // namespace auditflow::api
