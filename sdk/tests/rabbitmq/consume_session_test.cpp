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
  void Arrive(int count, std::size_t bytes = 0) {
    for (int i = 0; i < count; ++i) {
      Delivered delivered;
      delivered.message.body.assign(bytes, 'x');
      delivered.broker_tag = ++tag_;
      ASSERT_TRUE(session_.Handle(std::move(delivered)).ok());
    }
    ASSERT_TRUE(session_.Work(connection_, false).ok());
  }
  /// Likewise, and all that was there is read.
  void ArriveAndSleep(int count) {
    Arrive(count);
    session_.Gathering();
  }
  /// Three at each look, which have to be there at once.
  void TrickleIn(int looks, Duration between) {
    for (int look = 0; look < looks; ++look) {
      ArriveAndSleep(3);
      EXPECT_TRUE(session_.ready()) << look;
      TakeAll();
      clock_.Advance(between);
    }
  }
  void Pass(Duration time) {
    clock_.Advance(time);
    ASSERT_TRUE(session_.Work(connection_, false).ok());
  }
  /// @return how many there were.
  std::size_t TakeAll() { return session_.Take(1000, clock_.Monotonic())->size(); }

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
  EXPECT_GT(session_.Gathering(), Duration::zero()) << "a look that an acknowledgement called for";
  clock_.Advance(std::chrono::milliseconds(10));
  EXPECT_EQ(session_.Gathering(), Duration::zero()) << "nothing came since";
}

TEST_F(ConsumeSessionTest, TheFirstOfAStreamAreHandedOnAtOnceAndTheNextTogether) {
  ArriveAndSleep(20);
  EXPECT_TRUE(session_.ready());
  TakeAll();
  ArriveAndSleep(20);
  EXPECT_FALSE(session_.ready());
  Pass(std::chrono::milliseconds(9));
  EXPECT_FALSE(session_.ready());
  Pass(std::chrono::milliseconds(1));
  EXPECT_TRUE(session_.ready());
}

TEST_F(ConsumeSessionTest, WhatAStreamLeavesAtItsEndIsHandedOn) {
  ArriveAndSleep(20);
  TakeAll();
  clock_.Advance(std::chrono::milliseconds(8));
  ArriveAndSleep(1);
  EXPECT_FALSE(session_.ready());
  clock_.Advance(std::chrono::milliseconds(2));
  ArriveAndSleep(1);
  EXPECT_TRUE(session_.ready());
  EXPECT_EQ(TakeAll(), 2U);
}

TEST_F(ConsumeSessionTest, TheLastThatTheBrokerHasRoomForAreHandedOnAtOnce) {
  ArriveAndSleep(20);
  TakeAll();
  ArriveAndSleep(54);
  EXPECT_FALSE(session_.ready());
  ArriveAndSleep(1);
  EXPECT_TRUE(session_.ready());
}

TEST_F(ConsumeSessionTest, RoomThatComesLaterDoesNotTakeBackWhatWasHandedOn) {
  ArriveAndSleep(20);
  const auto first = session_.Take(1000, clock_.Monotonic());
  ArriveAndSleep(55);
  std::vector<std::uint64_t> tags;
  for (const broker::Delivery& delivery : *first) tags.push_back(delivery.tag);
  ASSERT_TRUE(session_.Ack(tags));
  EXPECT_TRUE(session_.ready());
}

TEST_F(ConsumeSessionTest, ALostConnectionEndsTheStream) {
  ArriveAndSleep(20);
  TakeAll();
  ArriveAndSleep(20);
  session_.End();
  EXPECT_FALSE(session_.ready());
  tag_ = 0;
  ArriveAndSleep(1);
  EXPECT_TRUE(session_.ready());
}

TEST_F(ConsumeSessionTest, WhatTricklesInIsReadAtOnce) {
  Arrive(3);
  EXPECT_EQ(session_.Gathering(), Duration::zero());
}

TEST_F(ConsumeSessionTest, WhatTricklesInFastIsAStream) {
  TrickleIn(5, std::chrono::milliseconds(1));
  ArriveAndSleep(3);
  TakeAll();
  ArriveAndSleep(3);
  EXPECT_FALSE(session_.ready());
}

TEST_F(ConsumeSessionTest, WhatTricklesInSlowlyNeverIs) {
  TrickleIn(20, std::chrono::milliseconds(5));
}

TEST_F(ConsumeSessionTest, LargeOnesAreHandedOutFewAtATime) {
  Arrive(5, std::size_t{7} << 20U);
  EXPECT_EQ(TakeAll(), 2U);
  EXPECT_TRUE(session_.ready());
  EXPECT_EQ(TakeAll(), 2U);
  EXPECT_EQ(TakeAll(), 1U);
  EXPECT_FALSE(session_.ready());
  Arrive(2, std::size_t{17} << 20U);
  EXPECT_EQ(TakeAll(), 1U) << "larger than the limit by itself";
  EXPECT_EQ(TakeAll(), 1U);
}

TEST_F(ConsumeSessionTest, NoMoreAreHandedOutThanAskedFor) {
  Arrive(5);
  EXPECT_EQ(session_.Take(0, clock_.Monotonic())->size(), 0U);
  EXPECT_EQ(session_.Take(3, clock_.Monotonic())->size(), 3U);
  EXPECT_EQ(TakeAll(), 2U);
}

TEST_F(ConsumeSessionTest, NothingGathersWhileTheBrokerHasLittleRoomLeft) {
  Arrive(75);
  EXPECT_EQ(session_.Gathering(), Duration::zero());
}

}  // namespace
}  // namespace auditflow::rabbitmq
