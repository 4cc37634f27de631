#include <atomic>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "auditflow/api/generator.hpp"
#include "auditflow/broker/in_process_broker.hpp"
#include "auditflow/core/uuid.hpp"

namespace auditflow::api {
namespace {

using nlohmann::json;
using testing::HasSubstr;

/// Takes everything, or fails with a given status.
class FakePublisher final : public broker::Publisher {
 public:
  Status Publish(std::span<const broker::Message> messages, Duration timeout) override {
    timeouts.push_back(timeout);
    if (!failure.ok()) return failure;
    published.insert(published.end(), messages.begin(), messages.end());
    return {};
  }
  Status failure;
  std::vector<broker::Message> published;
  std::vector<Duration> timeouts;
};

class GeneratorRoutesTest : public testing::Test {
 protected:
  GeneratorRoutesTest() {
    EventRequestOptions options;
    options.confirm_timeout = std::chrono::seconds(3);
    options.ready = [this] { return ready_; };
    AddEventRequestRoute(router_, completer_, publisher_, Metrics(), options);
    AddRateRoutes(router_, feed_);
    AddMixRoutes(router_, generator_, "quiet_day");
  }

  http::Response Send(std::string_view method, std::string_view target, std::string body = {},
                      http::Headers headers = {{"Content-Type", "application/json"}}) {
    http::Request request =
        http::Request::Make(method, target, std::move(body), std::move(headers)).value();
    return router_.Dispatch(request).response;
  }
  http::Response Post(std::string body) { return Send("POST", "/generate_event", std::move(body)); }
  observe::GeneratorMetrics& Metrics() { return pipeline_metrics_.generator(); }

  observe::Metrics metrics_;
  observe::PipelineMetrics pipeline_metrics_{metrics_};
  generate::EventCompleter completer_{{.seed = 1}};
  generate::EventGenerator generator_ =
      generate::EventGenerator::Create(
          generate::EventGeneratorOptions().Use(generate::FindTrafficMix("quiet_day").value()))
          .value();
  FakePublisher publisher_;
  Status ready_;
  pipeline::EventFeed feed_{[] { return std::nullopt; }, publisher_, Metrics(), {.rate = 5}};
  http::Router router_;
};

TEST_F(GeneratorRoutesTest, AnEventIsAcceptedOnceItIsConfirmed) {
  const http::Response response = Post(R"({"event_type":"user_login","server_hostname":"h"})");
  EXPECT_EQ(response.status, 202);
  EXPECT_EQ(response.content_type, "application/json");
  ASSERT_EQ(publisher_.published.size(), 1U);
  const json event = json::parse(publisher_.published[0].body);
  EXPECT_EQ(json::parse(response.body),
            json({{"status", "success"}, {"event_id", event["event_id"]}}));
  EXPECT_EQ(publisher_.published[0].message_id, event["event_id"]);
  EXPECT_EQ(publisher_.published[0].content_type, "application/json");
  EXPECT_EQ(publisher_.timeouts[0], std::chrono::seconds(3));
  EXPECT_EQ(Metrics().published_success.Value(), 1);
  EXPECT_EQ(Metrics().events.With({"user_login", "h", "SUCCESS"}).Value(), 1);
}

TEST_F(GeneratorRoutesTest, WhateverKeepsTheBrokerFromTakingItIsA503WithRetryAfter) {
  const std::vector<std::pair<Status, std::string>> cases = {
      {Unavailable("refused"), "1"},
      {DeadlineExceeded("no confirm in time"), "1"},
      {ResourceExhausted("alarm"), "1"},
      {Cancelled("shut down"), "30"},
      {FailedPrecondition("unroutable"), "30"}};
  for (const auto& [failure, seconds] : cases) {
    publisher_.failure = failure;
    const http::Response response = Post(R"({"event_type":"t"})");
    EXPECT_EQ(response.status, 503) << failure.ToString();
    EXPECT_EQ(response.content_type, "application/problem+json");
    EXPECT_EQ(http::FindHeader(response.headers, "Retry-After"), seconds) << failure.ToString();
    EXPECT_THAT(response.body, HasSubstr(failure.message()));
  }
  EXPECT_EQ(Metrics().published_failure.Value(), static_cast<double>(cases.size()));
  EXPECT_EQ(Metrics().published_success.Value(), 0);
}

TEST_F(GeneratorRoutesTest, NobodyWaitsForABrokerThatIsAway) {
  ready_ = Unavailable("connection refused");
  const http::Response response = Post(R"({"event_type":"t"})");
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(http::FindHeader(response.headers, "Retry-After"), "1");
  EXPECT_TRUE(publisher_.timeouts.empty());
  EXPECT_EQ(Post("{}").status, 400);  // what is wrong with a request is said all the same
}

/// Confirms nothing until it is told to; whoever would wait for a second alone has done so.
class FrozenPublisher final : public broker::Publisher {
 public:
  Status Publish(std::span<const broker::Message> /*messages*/, Duration timeout) override {
    ++calls;
    calls.notify_all();
    if (frozen && timeout == std::chrono::seconds(1)) return DeadlineExceeded("no confirm in time");
    frozen.wait(true);
    return {};
  }
  std::atomic<int> calls = 0;
  std::atomic<bool> frozen = true;
};

class FrozenBrokerTest : public testing::Test {
 protected:
  void AddRoute(std::size_t threads) {
    EventRequestOptions options;
    options.threads = threads;
    AddEventRequestRoute(router_, completer_, publisher_, pipeline_.generator(), options);
  }
  int Post() {
    http::Request request = http::Request::Make("POST", "/generate_event", R"({"event_type":"t"})",
                                                {{"Content-Type", "application/json"}})
                                .value();
    return router_.Dispatch(request).response.status;
  }

  observe::Metrics metrics_;
  observe::PipelineMetrics pipeline_{metrics_};
  generate::EventCompleter completer_{{.seed = 1}};
  FrozenPublisher publisher_;
  http::Router router_;
};

TEST_F(FrozenBrokerTest, TheLastThreadIsHeldForASecondAndThenNoMore) {
  AddRoute(3);
  std::vector<std::thread> waiting;
  for (int i = 0; i < 2; ++i) waiting.emplace_back([&] { EXPECT_EQ(Post(), 202); });
  for (int seen = publisher_.calls; seen < 2; seen = publisher_.calls) publisher_.calls.wait(seen);
  EXPECT_EQ(Post(), 503);
  EXPECT_EQ(publisher_.calls, 3);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(Post(), 503);
  EXPECT_EQ(publisher_.calls, 3) << "refused at once";
  publisher_.frozen = false;
  publisher_.frozen.notify_all();
  for (std::thread& thread : waiting) thread.join();
  EXPECT_EQ(Post(), 202);
}

TEST_F(FrozenBrokerTest, AnOnlyThreadGoesOnTrying) {
  AddRoute(1);
  EXPECT_EQ(Post(), 503);
  EXPECT_EQ(Post(), 503);
  EXPECT_EQ(publisher_.calls, 2);
  publisher_.frozen = false;
  EXPECT_EQ(Post(), 202);
}

TEST_F(GeneratorRoutesTest, WhatIsNoEventIsRefusedInTheContractsForm) {
  const http::Response response = Post("{}");
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(response.content_type, "application/json");
  EXPECT_EQ(response.body, R"({"error":"Invalid event data. 'event_type' is required."})");
  EXPECT_EQ(Post(R"({"event_type":"t","details":1})").status, 400);
  EXPECT_EQ(Post("[").status, 400);
  EXPECT_TRUE(publisher_.timeouts.empty());
}

TEST_F(GeneratorRoutesTest, AFormOfAWebPageIsNoJson) {
  const http::Headers form = {{"Content-Type", "application/x-www-form-urlencoded"}};
  EXPECT_EQ(Send("POST", "/generate_event", R"({"event_type":"t"})", form).status, 415);
  EXPECT_EQ(Send("PUT", "/rate", R"({"events_per_second":1})", form).status, 415);
  EXPECT_EQ(Send("PUT", "/mix", R"({"mix":"insider"})", form).status, 415);
  EXPECT_EQ(Send("POST", "/generate_event", R"({"event_type":"t"})", {}).status, 202);
}

TEST_F(GeneratorRoutesTest, TheRateIsReadAndSet) {
  EXPECT_EQ(Send("GET", "/rate").body,
            R"({"events_per_second":5,"measured_events_per_second":0,"published":0})");
  for (const auto& [text, rate] : std::vector<std::pair<std::string, double>>{
           {"0", 0}, {"0.25", 0.25}, {"12345.5", 12345.5}, {"1000000", 1e6}, {"1e3", 1000}}) {
    const http::Response response = Send("PUT", "/rate", R"({"events_per_second":)" + text + "}");
    EXPECT_EQ(response.status, 200) << response.body;
    EXPECT_EQ(json::parse(response.body)["events_per_second"], rate) << response.body;
    EXPECT_EQ(feed_.rate(), rate);
  }
}

TEST_F(GeneratorRoutesTest, WhatIsNoRateIsRefused) {
  for (const char* body :
       {"", "{}", "5", "[]", "{", R"({"events_per_second":null})", R"({"events_per_second":-1})",
        R"({"events_per_second":1000000.1})", R"({"events_per_second":"5"})",
        R"({"events_per_second":18446744073709551615})", R"({"events_per_second":1e999})",
        R"({"events_per_second":NaN})", R"({"events_per_second":true})",
        R"({"events_per_second":5,"rate":6})", R"({"rate":5})"}) {
    const http::Response response = Send("PUT", "/rate", body);
    EXPECT_EQ(response.status, 400) << body;
    EXPECT_EQ(response.content_type, "application/problem+json") << body;
  }
  EXPECT_EQ(feed_.rate(), 5);
  EXPECT_THAT(Send("PUT", "/rate", R"({"events_per_second":-1})").body,
              HasSubstr("events_per_second: must be a number from 0 to 1000000"));
}

TEST_F(GeneratorRoutesTest, AnUnlimitedRateIsShownAsTheGreatest) {
  ASSERT_TRUE(feed_.SetRate(pipeline::kUnlimitedRate).ok());
  EXPECT_EQ(json::parse(Send("GET", "/rate").body)["events_per_second"], kMaxRate);
}

TEST_F(GeneratorRoutesTest, TheMixIsReadAndSet) {
  const json before = json::parse(Send("GET", "/mix").body);
  EXPECT_EQ(before["mix"], "quiet_day");
  EXPECT_EQ(before["mixes"].size(), generate::TrafficMixes().size());
  EXPECT_FALSE(before["mixes"][0]["summary"].get<std::string>().empty());
  const http::Response response = Send("PUT", "/mix", R"({"mix":"insider"})");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(json::parse(response.body)["mix"], "insider");
  EXPECT_EQ(json::parse(Send("GET", "/mix").body)["mix"], "insider");
  std::string events;
  for (int i = 0; i < 5000; ++i) events += generator_.NextAt(Timestamp());
  EXPECT_THAT(events, HasSubstr("auditd.service"));
}

TEST_F(GeneratorRoutesTest, WhatIsNoMixIsRefused) {
  for (const char* body : {"", "{}", R"({"mix":"noisy"})", R"({"mix":5})", R"({"mix":null})",
                           R"({"mix":"insider","x":1})", R"("insider")"}) {
    EXPECT_EQ(Send("PUT", "/mix", body).status, 400) << body;
  }
  EXPECT_THAT(Send("PUT", "/mix", R"({"mix":"noisy"})").body, HasSubstr("quiet_day"));
  EXPECT_EQ(json::parse(Send("GET", "/mix").body)["mix"], "quiet_day");
}

TEST_F(GeneratorRoutesTest, EveryRouteNamesItsScope) {
  std::vector<std::string> routes;
  for (const auto& route : router_.Routes()) {
    routes.push_back(route.method + " " + route.pattern + " " + route.scope);
  }
  EXPECT_THAT(routes, testing::IsSupersetOf({"POST /generate_event events:write",
                                             "GET /rate rate:read", "PUT /rate rate:write",
                                             "GET /mix rate:read", "PUT /mix rate:write"}));
}

}  // namespace
}  // namespace auditflow::api
