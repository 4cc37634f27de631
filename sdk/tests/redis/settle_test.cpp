#include <chrono>
#include <memory>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "auditflow/redis/redis_windows.hpp"

#include "tests/correlate/store_test_support.hpp"
#include "tests/redis/redis_server.hpp"

namespace auditflow::redis {
namespace {

using correlate::Apply;
using correlate::At;
using correlate::Triggers;
using correlate::Update;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;

/// Three events wait until At(7); the lease is ten seconds.
class SettleTest : public testing::Test {
 protected:
  void SetUp() override {
    RedisServer* const server = SharedServer();
    if (server == nullptr) GTEST_SKIP() << "no redis-server here";
    options_ = server->Options();
    options_.release_lease = seconds(10);
    Apply(*Store(), {Update(1, At(0)), Update(2, At(1)), Update(3, At(2))});
  }

  std::unique_ptr<correlate::WindowStore> Store() {
    auto windows = RedisWindows::Create(options_);
    EXPECT_TRUE(windows) << windows.error().ToString();
    return (*windows)->NewStore({correlate::Spec(sigma::CorrelationType::kEventCount, seconds(10),
                                                 {{sigma::Comparison::kGte, 3}})},
                                seconds(5));
  }

  RedisOptions options_;
};

TEST_F(SettleTest, WhatAProgramReleasedBeforeItDiedIsTakenOverOnceItsLeaseIsOver) {
  const auto died = Release(*Store(), At(8));
  ASSERT_THAT(Triggers(died), ElementsAre(3));
  const auto other = Store();
  EXPECT_THAT(Release(*other, At(17)), IsEmpty());
  const auto again = Release(*other, At(19));
  ASSERT_THAT(Triggers(again), ElementsAre(3));
  EXPECT_EQ(again[0].payload, died[0].payload);
  EXPECT_EQ(again[0].group, died[0].group);
  EXPECT_EQ(again[0].contributors, died[0].contributors);
  EXPECT_THAT(Release(*other, At(40)), IsEmpty());
}

TEST_F(SettleTest, WhatIsSettledIsNotTakenOver) {
  const auto one = Store();
  ASSERT_THAT(Triggers(Release(*one, At(8))), ElementsAre(3));
  one->Settle();
  EXPECT_THAT(Release(*one, At(9)), IsEmpty());
  EXPECT_THAT(Release(*Store(), At(1000)), IsEmpty());
}

TEST_F(SettleTest, SettlingBeforeAnythingWasReleasedSettlesNothing) {
  const auto one = Store();
  one->Settle();
  ASSERT_THAT(Triggers(Release(*one, At(8))), ElementsAre(3));
  EXPECT_THAT(Release(*one, At(9)), IsEmpty());
  EXPECT_THAT(Triggers(Release(*Store(), At(100))), ElementsAre(3));
}

TEST_F(SettleTest, WhoTookOverSettlesForTheDead) {
  ASSERT_THAT(Triggers(Release(*Store(), At(8))), ElementsAre(3));
  const auto heir = Store();
  ASSERT_THAT(Triggers(Release(*heir, At(50))), ElementsAre(3));
  heir->Settle();
  EXPECT_THAT(Release(*heir, At(51)), IsEmpty());
  EXPECT_THAT(Release(*Store(), At(1000)), IsEmpty());
}

TEST_F(SettleTest, UnsettledFiringsSurviveASnapshot) {
  ASSERT_THAT(Triggers(Release(*Store(), At(8))), ElementsAre(3));
  const auto busy = Store();
  // Far apart: one event per window, so that the log becomes a snapshot.
  for (std::uint32_t i = 0; i < 300; ++i) Apply(*busy, {Update(100 + i, At(1000 + i * 100))});
  EXPECT_THAT(Triggers(Release(*Store(), At(100'000))), ElementsAre(3));
}

TEST_F(SettleTest, TheListOfWaitingGroupsEndsEmpty) {
  const auto one = Store();
  ASSERT_THAT(Triggers(Release(*one, At(8))), ElementsAre(3));
  const auto waiting = [this] {
    return SharedServer()->Command({"EVAL",
                                    "local n = 0 for _, k in ipairs(redis.call('KEYS', ARGV[1])) "
                                    "do n = n + redis.call('ZCARD', k) end return n",
                                    "0", options_.key_prefix + "waiting:*"});
  };
  EXPECT_EQ(waiting(), "1");
  one->Settle();
  EXPECT_THAT(Release(*one, At(9)), IsEmpty());
  EXPECT_EQ(waiting(), "0");
}

}  // namespace
}  // namespace auditflow::redis
