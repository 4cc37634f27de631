#include "src/rabbitmq/consume_session.hpp"

#include <gtest/gtest.h>

#include "auditflow/core/clock.hpp"

namespace auditflow::rabbitmq {
namespace {

/// A session over a connection that is never opened: nothing is sent.
class ConsumeSessionTest : public testing::Test {
 protected:
  ConsumeSessionTest() { options_.prefetch = 100; }

  /// The next deliveries come, all in one look.
  void Arrive(int count) {
    for (int i = 0; i < count; ++i) {
      Delivered delivered;
      delivered.broker_tag = ++tag_;
      ASSERT_TRUE(session_.Handle(std::move(delivered)).ok());
    }
    ASSERT_TRUE(session_.Work(connection_, false).ok());
  }

  ManualClock clock_;
  ConsumerOptions options_;
  Watchdog watchdog_{std::chrono::seconds(1), clock_};
  AmqpConnection connection_{options_.connection, watchdog_};
  ConsumeSession session_{options_, clock_};
  std::uint64_t tag_ = 0;
};

TEST_F(ConsumeSessionTest, AStreamMayGatherOnTheSocket) {
  Arrive(40);
  EXPECT_GT(session_.Gathering(), Duration::zero());
  EXPECT_EQ(session_.Gathering(), Duration::zero()) << "nothing came since";
}

TEST_F(ConsumeSessionTest, WhatTricklesInIsReadAtOnce) {
  Arrive(3);
  EXPECT_EQ(session_.Gathering(), Duration::zero());
}

TEST_F(ConsumeSessionTest, NothingGathersWhileTheBrokerHasLittleRoomLeft) {
  Arrive(60);
  EXPECT_EQ(session_.Gathering(), Duration::zero());
}

}  // namespace
}  // namespace auditflow::rabbitmq
