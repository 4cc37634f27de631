#include "auditflow/api/events.hpp"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "auditflow/store/in_memory_event_store.hpp"

#include "tests/store/numbered_events.hpp"

namespace auditflow::api {
namespace {

using nlohmann::json;
using store::ArchivedEvent;
using store::NumberedEvent;
using store::NumberedEvents;
using store::NumberedUuid;
using testing::ElementsAre;
using testing::HasSubstr;

/// Every call fails as an archive does whose database is away.
class AwayArchive final : public store::EventReader {
 public:
  Result<store::EventPage> List(const store::EventQuery&) override { return Error(away); }
  Result<std::optional<ArchivedEvent>> Get(const Uuid&) override { return Error(away); }
  Result<store::EventStats> Stats(const store::StatsQuery&) override { return Error(away); }
  Status Ping() override { return away; }
  Status away = Unavailable("gone");
};

class EventRoutesTest : public testing::Test {
 protected:
  EventRoutesTest() { AddEventRoutes(router_, events_, {.max_limit = 50}, clock_); }
  http::Response Get(const std::string& target) {
    http::Request request = http::Request::Make("GET", target).value();
    return router_.Dispatch(request).response;
  }
  json GetJson(const std::string& target) {
    const http::Response response = Get(target);
    EXPECT_EQ(response.status, 200) << target << " " << response.body;
    EXPECT_EQ(response.content_type, "application/json");
    return json::parse(response.body);
  }
  std::vector<std::uint64_t> Numbers(const json& page) {
    std::vector<std::uint64_t> numbers;
    for (const json& event : page["events"]) {
      numbers.push_back(std::stoull(event["event_id"].get<std::string>().substr(24), nullptr, 16));
    }
    return numbers;
  }

  ManualClock clock_{Timestamp::Parse("2026-11-20T18:01:00Z").value()};
  store::InMemoryEventStore events_;
  http::Router router_;
};

TEST_F(EventRoutesTest, AnEventHasItsColumnsAndItsOwnBytes) {
  ArchivedEvent event = NumberedEvent(10);
  event.raw = "{\"n\": 1.50,\n \"s\":\"\\u0000\"}";
  event.severity = "";
  ASSERT_TRUE(events_.Insert({&event, 1}).has_value());
  const http::Response response = Get("/events/" + event.event_id.ToString());
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, R"({"event_id":"00000000-0000-0000-0000-00000000000a",)"
                           R"("timestamp":"2026-11-20T18:00:10.000000001Z","has_time":true,)"
                           R"("received_at":"2026-11-20T18:00:10.001500001Z",)"
                           R"("source_service":"audit-event-generator","server_hostname":"host-2",)"
                           R"("event_type":"user_login","severity":null,"user_id":"user-0",)"
                           R"("action_result":"SUCCESS","rule_ids":["ANLY-SEC-001","rule-1"],)"
                           "\"raw_event_data\":" +
                               event.raw + "}");
}

TEST_F(EventRoutesTest, WhatIsNoJsonIsShownAsText) {
  ArchivedEvent event = NumberedEvent(1);
  event.raw = "\"},{\"";
  ASSERT_TRUE(events_.Insert({&event, 1}).has_value());
  EXPECT_EQ(GetJson("/events")["events"][0]["raw_event_data"], event.raw);
}

TEST_F(EventRoutesTest, PagesFollowOneAnother) {
  ASSERT_TRUE(events_.Insert(NumberedEvents(1, 5)).has_value());
  std::string target = "/events?limit=2";
  std::vector<std::vector<std::uint64_t>> pages;
  for (;;) {
    const json page = GetJson(target);
    pages.push_back(Numbers(page));
    if (page["next_cursor"].is_null()) break;
    target = "/events?limit=2&cursor=" + page["next_cursor"].get<std::string>();
  }
  EXPECT_THAT(pages, ElementsAre(ElementsAre(5, 4), ElementsAre(3, 2), ElementsAre(1)));
}

TEST_F(EventRoutesTest, FiltersNarrowTheList) {
  ASSERT_TRUE(events_.Insert(NumberedEvents(1, 12)).has_value());
  const struct {
    std::string query;
    std::vector<std::uint64_t> numbers;
  } cases[] = {
      {"event_type=user_login&severity=WARNING", {12, 6}},
      {"type=user_login&severity=WARNING&q=", {12, 6}},
      {"server_hostname=host-3", {11, 7, 3}},
      {"host=host-3", {11, 7, 3}},
      {"user_id=user-1", {11, 6, 1}},
      {"user=user-1&result=FAILURE", {6}},
      {"action_result=FAILURE", {12, 6}},
      {"matched=true", {10}},
      {"matched=false&limit=1", {12}},
      {"rule_id=rule-1", {10}},
      {"event_id=" + NumberedUuid(4).ToString(), {4}},
      {"since=2026-11-20T18:00:11Z", {12, 11}},
      {"until=2026-11-20T18:00:02.000000001Z", {1}},
      {"since=2026-11-21", {}},
      {"q=%22n%22%3A%205.5", {5}},
      {"source_service=nobody", {}},
      {"unknown=1&limit=1", {12}},
  };
  for (const auto& test : cases) {
    EXPECT_EQ(Numbers(GetJson("/events?" + test.query)), test.numbers) << test.query;
  }
}

TEST_F(EventRoutesTest, ABadRequestNamesTheParameter) {
  const struct {
    std::string target;
    std::string field;
  } cases[] = {
      {"/events?limit=0", "limit"},
      {"/events?limit=51", "limit"},
      {"/events?limit=", "limit"},
      {"/events?limit=1e3", "limit"},
      {"/events?limit=-1", "limit"},
      {"/events?limit=99999999999", "limit"},
      {"/events?cursor=1", "cursor"},
      {"/events?cursor=1_", "cursor"},
      {"/events?cursor=x_00000000-0000-0000-0000-00000000000a", "cursor"},
      {"/events?cursor=99999999999999999999_00000000-0000-0000-0000-00000000000a", "cursor"},
      {"/events?since=yesterday", "since"},
      {"/events?until=2026-13-01", "until"},
      {"/events?matched=maybe", "matched"},
      {"/events?event_id=1", "event_id"},
      {"/events/1", "id"},
      {"/stats?by=colour", "by"},
      {"/stats?by=", "by"},
      {"/stats?bucket=", "bucket"},
      {"/stats?bucket=0", "bucket"},
      {"/stats?bucket=1500ms", "bucket"},
      {"/stats?bucket=1s", "bucket"},
      {"/stats?limit=1001", "limit"},
      {"/stats?since=2026-11-20&until=2026-11-20", "until"},
  };
  for (const auto& test : cases) {
    const http::Response response = Get(test.target);
    EXPECT_EQ(response.status, 400) << test.target;
    EXPECT_EQ(response.content_type, "application/problem+json");
    EXPECT_EQ(json::parse(response.body)["field"], test.field) << test.target << response.body;
  }
}

TEST_F(EventRoutesTest, AnEventThatIsNotThereIs404) {
  const http::Response response = Get("/events/" + NumberedUuid(1).ToString());
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(response.content_type, "application/problem+json");
}

TEST_F(EventRoutesTest, CountsTheLastDayByType) {
  ASSERT_TRUE(events_.Insert(NumberedEvents(0, 60)).has_value());
  const json stats = GetJson("/stats");
  EXPECT_EQ(stats["since"], "2026-11-19T18:01:00Z");
  EXPECT_EQ(stats["until"], "2026-11-20T18:01:00Z");
  EXPECT_EQ(stats["first_bucket"], "2026-11-19T18:00:00Z");
  EXPECT_EQ(stats["bucket_seconds"], 900);
  EXPECT_EQ(stats["by"], "event_type");
  EXPECT_EQ(stats["total"], 60);
  ASSERT_EQ(stats["series"].size(), 2U);
  EXPECT_EQ(stats["series"][0]["value"], "sudo_command");
  EXPECT_EQ(stats["series"][0]["total"], 30);
  EXPECT_EQ(stats["series"][0]["counts"].size(), 97U);
  EXPECT_EQ(stats["series"][0]["counts"][96], 30);
  EXPECT_EQ(stats["other"]["total"], 0);
}

TEST_F(EventRoutesTest, CountsByWhatIsAskedFor) {
  std::vector<ArchivedEvent> events = NumberedEvents(0, 60);
  events[0].user_id = "";
  ASSERT_TRUE(events_.Insert(events).has_value());
  const http::Response response = Get(
      "/stats?by=user_id&bucket=30&limit=4&since=2026-11-20T18:00:00Z&until=2026-11-20T18:01:00Z");
  EXPECT_EQ(response.body,
            R"({"since":"2026-11-20T18:00:00Z","until":"2026-11-20T18:01:00Z","by":"user_id",)"
            R"("first_bucket":"2026-11-20T18:00:00Z","bucket_seconds":30,"total":60,"series":[)"
            R"({"value":"user-1","total":12,"counts":[6,6]},)"
            R"({"value":"user-2","total":12,"counts":[6,6]},)"
            R"({"value":"user-3","total":12,"counts":[6,6]},)"
            R"({"value":"user-4","total":12,"counts":[6,6]}],)"
            R"("other":{"total":12,"counts":[6,6]}})");
  const json none = GetJson("/stats?by=user_id&until=2026-11-20T18:00:01Z&bucket=1h");
  EXPECT_EQ(none["since"], "2026-11-19T18:00:01Z");
  EXPECT_TRUE(none["series"][0]["value"].is_null());
  EXPECT_EQ(GetJson("/stats?since=2027-01-01")["until"], "2027-01-02T00:00:00Z");
  EXPECT_EQ(GetJson("/stats?since=1971-01-01")["bucket_seconds"], 8760 * 3600);
}

TEST(EventRoutes, AnArchiveThatIsAwayIs503) {
  AwayArchive events;
  http::Router router;
  AddEventRoutes(router, events);
  const std::vector<std::string> targets = {"/events", "/stats",
                                            "/events/" + NumberedUuid(1).ToString()};
  for (const std::string& target : targets) {
    http::Request request = http::Request::Make("GET", target).value();
    const http::Response response = router.Dispatch(request).response;
    EXPECT_EQ(response.status, 503);
    EXPECT_EQ(http::FindHeader(response.headers, "Retry-After"), "1");
    EXPECT_THAT(response.body, HasSubstr("gone"));
  }
}

TEST(EventRoutes, NeedTheScopeThatReadsEvents) {
  AwayArchive events;
  http::Router router;
  AddEventRoutes(router, events);
  for (const http::Router::RouteInfo& route : router.Routes()) {
    EXPECT_EQ(route.scope, "events:read") << route.pattern;
  }
  EXPECT_EQ(router.Routes().size(), 3U);
}

TEST(EventRoutes, WithoutAnArchiveAre404) {
  http::Router router;
  AddMissingEventRoutes(router);
  const std::vector<std::string> targets = {"/events", "/stats", "/events/x"};
  for (const std::string& target : targets) {
    http::Request request = http::Request::Make("GET", target).value();
    const http::Response response = router.Dispatch(request).response;
    EXPECT_EQ(response.status, 404);
    EXPECT_THAT(response.body, HasSubstr("there is no archive of events"));
  }
  for (const http::Router::RouteInfo& route : router.Routes()) {
    EXPECT_EQ(route.scope, "events:read") << route.pattern;
  }
}

TEST(EventCursor, IsReadAgain) {
  for (const std::int64_t nanos : {INT64_MIN, std::int64_t{-1}, std::int64_t{0}, INT64_MAX}) {
    const store::EventCursor cursor{Timestamp::FromUnixNanos(nanos), NumberedUuid(7)};
    EXPECT_EQ(DecodeEventCursor(EncodeEventCursor(cursor)).value(), cursor);
  }
}

}  // namespace
}  // namespace auditflow::api
