#include "auditflow/api/notifications.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "auditflow/store/in_memory_alert_store.hpp"

#include "tests/store/numbered_alerts.hpp"

namespace auditflow::api {
namespace {

using nlohmann::json;
using store::NumberedAlerts;
using store::NumberedUuid;

class NotificationRoutesTest : public testing::Test {
 protected:
  void SetUp() override {
    AddNotificationRoutes(router_, store_.outbox(),
                          {.channels = [this] { return channels_; },
                           .on_replay = [this] { ++replays_; },
                           .max_limit = 3});
  }
  void GiveUp(std::uint64_t count) {
    ASSERT_TRUE(store_.Insert(NumberedAlerts(1, count)).has_value());
    const auto claimed = store_.outbox().Claim({"hook", 100, std::chrono::minutes(1)}).value();
    for (const store::OutboxEntry& entry : claimed) {
      ASSERT_TRUE(store_.outbox().DeadLetter(entry, "HTTP 404: <gone>").ok());
    }
  }
  http::Response Ask(std::string_view method, std::string_view target) {
    http::Request request = http::Request::Make(method, target).value();
    return router_.Dispatch(request).response;
  }
  json AskJson(std::string_view target) { return json::parse(Ask("GET", target).body); }

  ManualClock clock_{Timestamp::Parse("2026-11-20T19:00:00Z").value()};
  store::InMemoryAlertStore store_{{.outbox_targets = {{.channel = "hook"}, {.channel = "mail"}}},
                                   clock_};
  std::vector<notify::ChannelState> channels_;
  int replays_ = 0;
  http::Router router_;
};

TEST_F(NotificationRoutesTest, ListsWhatWasGivenUpInPages) {
  GiveUp(4);
  const json first = AskJson("/notifications/dead?limit=999");
  ASSERT_EQ(first["notifications"].size(), 3U);
  const json& entry = first["notifications"][0];
  EXPECT_EQ(entry["alert_id"], NumberedUuid(4).ToString());
  EXPECT_EQ(entry["channel"], "hook");
  EXPECT_EQ(entry["reason"], "HTTP 404: <gone>");
  EXPECT_EQ(entry["attempts"], 1);
  EXPECT_EQ(entry["dead_at"], "2026-11-20T19:00:00Z");
  EXPECT_EQ(entry["idempotency_key"], store::IdempotencyKey(NumberedUuid(4), "hook"));
  const std::string cursor = first["next_cursor"];
  const json second = AskJson("/notifications/dead?limit=3&cursor=" + cursor);
  ASSERT_EQ(second["notifications"].size(), 1U);
  EXPECT_EQ(second["notifications"][0]["alert_id"], NumberedUuid(1).ToString());
  EXPECT_TRUE(second["next_cursor"].is_null());
  EXPECT_TRUE(AskJson("/notifications/dead?channel=mail")["notifications"].empty());
}

TEST_F(NotificationRoutesTest, ReplaysOneOrAChannelAndWakesTheWorkers) {
  GiveUp(3);
  const auto id = [this] {
    return std::to_string(
        AskJson("/notifications/dead")["notifications"][0]["id"].get<std::uint64_t>());
  };
  const std::string first = id();
  EXPECT_EQ(Ask("POST", "/notifications/dead/" + first + "/replay").status, 204);
  EXPECT_EQ(Ask("POST", "/notifications/dead/" + first + "/replay").status, 404);
  EXPECT_EQ(replays_, 1);
  EXPECT_EQ(Ask("DELETE", "/notifications/dead/" + id()).status, 204);
  const http::Response all = Ask("POST", "/notifications/dead/replay?channel=hook");
  EXPECT_EQ(all.status, 200);
  EXPECT_EQ(all.body, R"({"replayed":1})");
  EXPECT_EQ(replays_, 2);
  EXPECT_EQ(store_.outbox().Claim({"hook", 9, std::chrono::minutes(1)}).value().size(), 2U);
  EXPECT_EQ(Ask("POST", "/notifications/dead/replay?channel=none").body, R"({"replayed":0})");
}

TEST_F(NotificationRoutesTest, RefusesWhatMakesNoSense) {
  for (const char* target : {"/notifications/dead?limit=0", "/notifications/dead?limit=-1",
                             "/notifications/dead?limit=ten", "/notifications/dead?cursor=abc",
                             "/notifications/dead?cursor=99999999999999999999999"}) {
    const http::Response response = Ask("GET", target);
    EXPECT_EQ(response.status, 400) << target;
    EXPECT_EQ(response.content_type, "application/problem+json") << target;
  }
  EXPECT_EQ(Ask("POST", "/notifications/dead/replay").status, 400);
  EXPECT_EQ(Ask("POST", "/notifications/dead/x/replay").status, 400);
  EXPECT_EQ(Ask("POST", "/notifications/dead/7/replay").status, 404);
  EXPECT_EQ(Ask("DELETE", "/notifications/dead/7").status, 404);
}

TEST_F(NotificationRoutesTest, ShowsChannelsOfThisProgramAndOfTheOutbox) {
  GiveUp(2);
  notify::ChannelState state;
  state.channel = "hook";
  state.receiver = "webhook https://example.com";
  state.breaker = notify::BreakerState::kOpen;
  state.failures_in_a_row = 5;
  state.resumes_at = clock_.Now();
  state.last_error = "HTTP 503";
  channels_ = {state};
  const json channels = AskJson("/notifications/channels")["channels"];
  ASSERT_EQ(channels.size(), 2U);
  EXPECT_EQ(channels[0]["channel"], "hook");
  EXPECT_EQ(channels[0]["configured"], true);
  EXPECT_EQ(channels[0]["dead"], 2);
  EXPECT_EQ(channels[0]["breaker"], "open");
  EXPECT_EQ(channels[0]["resumes_at"], "2026-11-20T19:00:00Z");
  EXPECT_TRUE(channels[0]["last_delivered_at"].is_null());
  EXPECT_EQ(channels[1]["channel"], "mail");
  EXPECT_EQ(channels[1]["configured"], false);
  EXPECT_EQ(channels[1]["pending"], 2);
  EXPECT_EQ(channels[1]["oldest_pending"], "2026-11-20T19:00:00Z");
}

TEST_F(NotificationRoutesTest, NamesTheScopes) {
  for (const http::Router::RouteInfo& route : router_.Routes()) {
    EXPECT_EQ(route.scope, route.method == "GET" ? "notifications:read" : "notifications:write")
        << route.method << " " << route.pattern;
  }
}

}  // namespace
}  // namespace auditflow::api
