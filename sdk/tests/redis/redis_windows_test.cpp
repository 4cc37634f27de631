#include "auditflow/redis/redis_windows.hpp"

#include <atomic>
#include <chrono>
#include <csignal>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/correlate/store_test_support.hpp"
#include "tests/redis/redis_server.hpp"

namespace auditflow::redis {
namespace {

using correlate::Apply;
using correlate::At;
using correlate::Spec;
using correlate::Triggers;
using correlate::Update;
using correlate::WindowSpec;
using sigma::Comparison;
using sigma::CorrelationType;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

WindowSpec ThreeInTenSeconds() {
  return Spec(CorrelationType::kEventCount, seconds(10), {{Comparison::kGte, 3}});
}

std::shared_ptr<RedisWindows> Windows(const RedisOptions& options) {
  auto windows = RedisWindows::Create(options);
  EXPECT_TRUE(windows.has_value()) << windows.error().ToString();
  return windows.value_or(nullptr);
}

class RedisServerTest : public testing::Test {
 protected:
  void SetUp() override {
    server_ = SharedServer();
    if (server_ == nullptr) GTEST_SKIP() << "no redis-server here";
    options_ = server_->Options();
    windows_ = Windows(options_);
  }
  std::unique_ptr<correlate::WindowStore> Store(Duration lateness = Duration(0)) {
    return windows_->NewStore({ThreeInTenSeconds()}, lateness);
  }

  RedisServer* server_ = nullptr;
  RedisOptions options_;
  std::shared_ptr<RedisWindows> windows_;
};

TEST_F(RedisServerTest, TwoProgramsCountTogether) {
  const auto other_windows = Windows(options_);
  const auto one = Store();
  const auto other = other_windows->NewStore({ThreeInTenSeconds()}, Duration(0));
  EXPECT_THAT(Apply(*one, {Update(1, At(0))}), IsEmpty());
  EXPECT_THAT(Apply(*other, {Update(2, At(1))}), IsEmpty());
  EXPECT_THAT(Triggers(Apply(*one, {Update(3, At(2))})), ElementsAre(3));
  EXPECT_THAT(Apply(*other, {Update(4, At(3))}), IsEmpty());
}

TEST_F(RedisServerTest, WindowsOutliveTheProgram) {
  Apply(*Store(), {Update(1, At(0)), Update(2, At(1))});
  EXPECT_THAT(Triggers(Apply(*Store(), {Update(3, At(2))})), ElementsAre(3));
}

TEST_F(RedisServerTest, WhatAnotherProgramFiredBeforeItDiedIsReportedAgainOnRedelivery) {
  const std::vector<correlate::WindowUpdate> batch = {Update(1, At(0)), Update(2, At(1)),
                                                      Update(3, At(2))};
  const auto died = Apply(*Store(), batch);
  const auto again = Store();
  const auto firings = Apply(*again, batch);
  ASSERT_THAT(Triggers(firings), ElementsAre(3));
  EXPECT_EQ(firings[0].payload, died[0].payload);
  EXPECT_EQ(firings[0].contributors, died[0].contributors);
  EXPECT_EQ(again->Statistics().duplicates, 3U);
  EXPECT_THAT(Apply(*again, batch), IsEmpty());
}

TEST_F(RedisServerTest, AnotherProgramReleasesWhatWaits) {
  const auto store = Store(seconds(5));
  Apply(*store, {Update(1, At(0)), Update(2, At(1)), Update(3, At(2))});
  EXPECT_EQ(store->Statistics().pending, 3U);
  const auto other = Store(seconds(5));
  EXPECT_THAT(Release(*other, At(6)), IsEmpty());
  EXPECT_THAT(Triggers(Release(*other, correlate::AtNanos(7'000'000'001))), ElementsAre(3));
  EXPECT_EQ(other->Statistics().pending, 0U);
  EXPECT_THAT(Release(*store, At(20)), IsEmpty());
  EXPECT_THAT(Release(*other, correlate::kEndOfInput), IsEmpty());
  other->Settle();
  EXPECT_THAT(Release(*other, At(20)), IsEmpty());
  EXPECT_THAT(Release(*store, At(21)), IsEmpty());
  EXPECT_EQ(store->Statistics().pending, 0U);
}

TEST_F(RedisServerTest, ScriptsAreLoadedAgainWhenRedisForgetsThem) {
  const auto store = Store();
  Apply(*store, {Update(1, At(0))});
  server_->Command({"SCRIPT", "FLUSH"});
  Apply(*store, {Update(2, At(1))});
  server_->Command({"SCRIPT", "FLUSH"});
  EXPECT_THAT(Triggers(Apply(*store, {Update(3, At(2))})), ElementsAre(3));
  EXPECT_EQ(windows_->Health().script_loads, 2U);
  EXPECT_EQ(windows_->Health().state_losses, 0U);
}

TEST_F(RedisServerTest, LostStateIsReported) {
  const auto store = Store();
  Apply(*store, {Update(1, At(0)), Update(2, At(1))});
  server_->Command({"FLUSHALL"});
  EXPECT_THAT(Apply(*store, {Update(3, At(2)), Update(4, At(3))}), IsEmpty());
  EXPECT_EQ(windows_->Health().state_losses, 1U);
  EXPECT_TRUE(windows_->Health().up);
  EXPECT_THAT(windows_->Health().reason, HasSubstr("lost its state"));
  EXPECT_THAT(Triggers(Apply(*store, {Update(5, At(4))})), ElementsAre(5));
  EXPECT_EQ(windows_->Health().state_losses, 1U);
}

TEST_F(RedisServerTest, AGroupThatWasEvictedStartsAnewAndIsCounted) {
  const auto store = Store();
  Apply(*store, {Update(1, At(0)), Update(2, At(1))});
  server_->Command({"EVAL",
                    "for _, k in ipairs(redis.call('KEYS', ARGV[1])) do redis.call('DEL', k) end",
                    "0", options_.key_prefix + "window:*:l"});
  EXPECT_THAT(Apply(*store, {Update(3, At(2))}), IsEmpty());
  EXPECT_EQ(windows_->Health().groups_lost, 1U);
}

TEST_F(RedisServerTest, ForeignBytesAreDiscarded) {
  const auto store = Store();
  Apply(*store, {Update(1, At(0))});
  server_->Command({"EVAL",
                    "for _, k in ipairs(redis.call('KEYS', ARGV[1])) do "
                    "redis.call('LSET', k, 0, 'nonsense') end",
                    "0", options_.key_prefix + "window:*:l"});
  const auto other = Store();
  const auto result = other->Apply(std::vector{Update(2, At(1))});
  ASSERT_FALSE(result.has_value());
  EXPECT_TRUE(result.error().retryable());
  EXPECT_THAT(Apply(*other, {Update(2, At(1))}), IsEmpty());
}

TEST_F(RedisServerTest, LongLogsBecomeSnapshots) {
  const auto store = Store();
  for (std::uint32_t i = 0; i < 1000; ++i) Apply(*store, {Update(i, At(i * 20))});
  const std::string key = server_->Command(
      {"EVAL", "return redis.call('KEYS', ARGV[1])[1]", "0", options_.key_prefix + "window:*:l"});
  EXPECT_LT(std::stoi(server_->Command({"LLEN", key})), 200);
  Apply(*store, {Update(2000, At(30'000)), Update(2001, At(30'000))});
  EXPECT_THAT(Triggers(Apply(*Store(), {Update(2002, At(30'001))})), ElementsAre(2002));
}

TEST_F(RedisServerTest, GroupsExpire) {
  Apply(*Store(seconds(5)), {Update(1, At(0))});
  const std::string script =
      "local least = 1e18 for _, k in ipairs(redis.call('KEYS', ARGV[1])) do "
      "least = math.min(least, redis.call('PTTL', k)) end return least";
  const auto kept =
      std::stoll(server_->Command({"EVAL", script, "0", options_.key_prefix + "window:*"}));
  EXPECT_GT(kept, 86'400'000);
  EXPECT_LE(kept, 86'421'000);
}

TEST_F(RedisServerTest, TheTimeToKeepAGroupBeginsAnewOnceASecond) {
  ManualClock clock;
  const auto windows = *RedisWindows::Create(options_, clock);
  const auto store = windows->NewStore({ThreeInTenSeconds()}, Duration(0));
  Apply(*store, {Update(1, At(0))});
  const std::string all = options_.key_prefix + "window:*";
  const auto most_kept = [&](const char* change) {
    const std::string script =
        std::string("local most = 0 for _, k in ipairs(redis.call('KEYS', ARGV[1])) do ") + change +
        " most = math.max(most, redis.call('PTTL', k)) end return most";
    return std::stoll(server_->Command({"EVAL", script, "0", all}));
  };
  EXPECT_LE(most_kept("redis.call('PEXPIRE', k, 5000)"), 5'000);
  Apply(*store, {Update(2, At(1))});
  EXPECT_LE(most_kept(""), 5'000);
  clock.Advance(seconds(1));
  Apply(*store, {Update(3, At(2))});
  EXPECT_GT(most_kept(""), 86'400'000);
}

correlate::WindowUpdate Of(const char* group, std::uint32_t number, double at) {
  correlate::WindowUpdate update = Update(number, At(at));
  update.group = group;
  return update;
}

TEST_F(RedisServerTest, CopiesOfGroupsThatFellSilentGoAndAreReadAgain) {
  ManualClock clock;
  const auto windows = *RedisWindows::Create(options_, clock);
  const auto store = windows->NewStore({ThreeInTenSeconds()}, Duration(0));
  Apply(*store, {Of("a", 1, 0), Of("a", 2, 1), Of("b", 3, 0)});
  clock.Advance(seconds(60));
  Apply(*store, {Of("b", 4, 60)});
  EXPECT_EQ(store->Statistics().groups, 2U);
  clock.Advance(seconds(1));
  Apply(*store, {Of("b", 5, 120)});
  EXPECT_EQ(store->Statistics().groups, 1U);
  const auto fired = Apply(*store, {Of("a", 6, 2)});
  ASSERT_THAT(Triggers(fired), ElementsAre(6));
  EXPECT_EQ(fired[0].events, 3U);
  EXPECT_EQ(windows->Health().groups_lost, 0U);
}

TEST_F(RedisServerTest, ALongWindowKeepsItsCopyForAsLong) {
  ManualClock clock;
  const auto windows = *RedisWindows::Create(options_, clock);
  const auto hour =
      Spec(CorrelationType::kEventCount, std::chrono::hours(1), {{Comparison::kGte, 3}});
  const auto store = windows->NewStore({ThreeInTenSeconds(), hour}, Duration(0));
  correlate::WindowUpdate in_hour = Of("a", 1, 0);
  in_hour.spec = 1;
  Apply(*store, {Of("a", 1, 0), in_hour});
  clock.Advance(seconds(61));
  Apply(*store, {});
  EXPECT_EQ(store->Statistics().groups, 1U);
  clock.Advance(seconds(3600 - 61));
  Apply(*store, {});
  EXPECT_EQ(store->Statistics().groups, 1U);
  clock.Advance(seconds(1));
  Apply(*store, {});
  EXPECT_EQ(store->Statistics().groups, 0U);
}

TEST_F(RedisServerTest, TooManyCopiesOfARuleGoInTheOrderOfTheirUse) {
  const auto store = windows_->NewStore({ThreeInTenSeconds()}, Duration(0), {.max_groups = 2});
  Apply(*store, {Of("a", 1, 0), Of("b", 2, 0), Of("c", 3, 0)});
  EXPECT_EQ(store->Statistics().groups, 2U);
  EXPECT_THAT(Triggers(Apply(*store, {Of("a", 4, 1), Of("a", 5, 2), Of("c", 6, 1)})),
              ElementsAre(5));
  EXPECT_EQ(store->Statistics().groups, 2U);
}

TEST_F(RedisServerTest, AGroupOfWhichOneKeyIsGoneStartsAnew) {
  for (const char* part : {"l", "h"}) {
    const auto store = Store();
    Apply(*store, {Update(1, At(0)), Update(2, At(1))});
    server_->Command({"EVAL", "return redis.call('DEL', redis.call('KEYS', ARGV[1])[1])", "0",
                      options_.key_prefix + "window:*:" + part});
    EXPECT_THAT(Apply(*store, {Update(3, At(2))}), IsEmpty()) << part;
    EXPECT_THAT(Apply(*store, {Update(4, At(3))}), IsEmpty()) << part;
    EXPECT_THAT(Triggers(Apply(*store, {Update(5, At(4))})), ElementsAre(5)) << part;
    EXPECT_EQ(server_->Command({"EVAL",
                                "for _, k in ipairs(redis.call('KEYS', ARGV[1])) do "
                                "if redis.call('PTTL', k) < 0 then return k end end return ''",
                                "0", options_.key_prefix + "window:*"}),
              "");
    server_->Command({"FLUSHALL"});
  }
}

TEST(RedisServerAwayTest, StartsWithoutAServerAndRecovers) {
  const auto server = RedisServer::Start({"--appendonly", "yes", "--appendfsync", "always"});
  if (server == nullptr) GTEST_SKIP() << "no redis-server here";
  server->Stop(SIGKILL);
  const auto windows = Windows(server->Options());
  const auto store = windows->NewStore({ThreeInTenSeconds()}, Duration(0));
  const auto refused = store->Apply(std::vector{Update(1, At(0))});
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code(), StatusCode::kUnavailable);
  EXPECT_FALSE(windows->Health().up);
  EXPECT_THAT(windows->Health().reason, HasSubstr("redis: "));
  ASSERT_TRUE(server->Run());
  EXPECT_TRUE(windows->Ping().ok());
  Apply(*store, {Update(1, At(0)), Update(2, At(1))});
  server->Stop(SIGKILL);
  EXPECT_FALSE(store->Apply(std::vector{Update(3, At(2))}).has_value());
  ASSERT_TRUE(server->Run());
  EXPECT_THAT(Triggers(Apply(*store, {Update(3, At(2))})), ElementsAre(3));
  EXPECT_EQ(windows->Health().state_losses, 0U);
}

TEST(RedisServerAwayTest, RestartWithoutPersistenceIsALossOfState) {
  const auto server = RedisServer::Start();
  if (server == nullptr) GTEST_SKIP() << "no redis-server here";
  const auto windows = Windows(server->Options());
  const auto store = windows->NewStore({ThreeInTenSeconds()}, Duration(0));
  Apply(*store, {Update(1, At(0)), Update(2, At(1))});
  server->Stop(SIGKILL);
  ASSERT_TRUE(server->Run());
  EXPECT_FALSE(store->Apply(std::vector{Update(3, At(2))}).has_value());
  EXPECT_THAT(Apply(*store, {Update(3, At(2))}), IsEmpty());
  EXPECT_EQ(windows->Health().state_losses, 1U);
}

TEST(RedisServerAwayTest, ABatchWhoseReplyWasLostFiresWhenItIsRepeated) {
  const auto server = RedisServer::Start();
  if (server == nullptr) GTEST_SKIP() << "no redis-server here";
  RedisOptions options = server->Options();
  options.command_timeout = std::chrono::milliseconds(100);
  const auto windows = Windows(options);
  const auto store = windows->NewStore({ThreeInTenSeconds()}, Duration(0));
  Apply(*store, {Update(1, At(0)), Update(2, At(1))});
  server->Signal(SIGSTOP);
  const auto result = store->Apply(std::vector{Update(3, At(2))});
  ASSERT_FALSE(result.has_value());
  EXPECT_THAT(result.error().message(), HasSubstr("no answer in time"));
  server->Signal(SIGCONT);
  EXPECT_THAT(Triggers(Apply(*store, {Update(3, At(2))})), ElementsAre(3));
  EXPECT_EQ(store->Statistics().applied, 3U);
}

TEST(RedisServerAwayTest, WhoeverAsksForTheHealthDoesNotWaitForRedis) {
  const auto server = RedisServer::Start();
  if (server == nullptr) GTEST_SKIP() << "no redis-server here";
  RedisOptions options = server->Options();
  options.command_timeout = seconds(3);
  const auto windows = Windows(options);
  ASSERT_TRUE(windows->Ping().ok());
  server->Signal(SIGSTOP);
  std::atomic<bool> answered = false;
  std::jthread asking([&] {
    static_cast<void>(windows->Ping());
    answered = true;
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  EXPECT_TRUE(windows->Health().up);
  EXPECT_FALSE(answered);
  server->Signal(SIGCONT);
  asking.join();
  EXPECT_TRUE(windows->Health().up);
}

TEST(RedisServerAwayTest, PasswordsAreUsedAndNotTold) {
  const auto server = RedisServer::Start({"--requirepass", "hunter2"});
  if (server == nullptr) GTEST_SKIP() << "no redis-server here";
  RedisOptions options = server->Options();
  EXPECT_FALSE(Windows(options)->Ping().ok());
  options.password = Secret("wrong-secret");
  const Status refused = Windows(options)->Ping();
  EXPECT_THAT(refused.message(), HasSubstr("AUTH refused"));
  EXPECT_THAT(refused.message(), Not(HasSubstr("wrong-secret")));
  options.password = Secret("hunter2");
  EXPECT_TRUE(Windows(options)->Ping().ok());
  options.username = "default";
  EXPECT_TRUE(Windows(options)->Ping().ok());
}

TEST(RedisWindows, BadOptionsAreNamed) {
  const auto message = [](const auto& spoil) {
    RedisOptions options;
    spoil(options);
    return Validate(options).message();
  };
  EXPECT_EQ(message([](auto&) {}), "");
  EXPECT_THAT(message([](auto& o) { o.host = ""; }), HasSubstr("host"));
  EXPECT_THAT(message([](auto& o) { o.port = 0; }), HasSubstr("port"));
  EXPECT_THAT(message([](auto& o) { o.username = "u"; }), HasSubstr("username"));
  EXPECT_THAT(message([](auto& o) { o.key_prefix = "{a}"; }), HasSubstr("key_prefix"));
  EXPECT_THAT(message([](auto& o) { o.command_timeout = Duration(0); }),
              HasSubstr("command_timeout"));
  EXPECT_THAT(message([](auto& o) { o.retention = Duration(-1); }), HasSubstr("retention"));
  EXPECT_THAT(message([](auto& o) { o.unix_socket = std::string(200, 'x'); }),
              HasSubstr("unix_socket"));
}

TEST(RedisWindows, NextAttemptWaitsForTheBackoff) {
  ManualClock clock;
  RedisOptions options;
  options.unix_socket = "/nonexistent/auditflow";
  options.reconnect = {seconds(10), seconds(10)};
  auto windows = RedisWindows::Create(options, clock, SeededRandom(1));
  ASSERT_TRUE(windows.has_value());
  for (int i = 0; i < 5; ++i) EXPECT_FALSE((*windows)->Ping().ok());
  EXPECT_EQ((*windows)->Health().failures, 1U);
  clock.Advance(seconds(11));
  EXPECT_FALSE((*windows)->Ping().ok());
  EXPECT_EQ((*windows)->Health().failures, 2U);
}

}  // namespace
}  // namespace auditflow::redis
