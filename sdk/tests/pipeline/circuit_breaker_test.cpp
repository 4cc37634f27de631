#include "src/pipeline/circuit_breaker.hpp"

#include <gtest/gtest.h>

namespace auditflow::pipeline {
namespace {

using notify::BreakerState;
using std::chrono::seconds;

class CircuitBreakerTest : public testing::Test {
 protected:
  void Fail(int times) {
    for (int i = 0; i < times; ++i) breaker_.Failed(now_, std::nullopt);
  }
  CircuitBreaker breaker_{{.failures = 3, .pause = seconds(10), .max_pause = seconds(25)}};
  Duration now_ = seconds(1000);
};

TEST_F(CircuitBreakerTest, OpensAfterFailuresInARow) {
  Fail(2);
  EXPECT_EQ(breaker_.State(now_), BreakerState::kClosed);
  EXPECT_EQ(breaker_.Wait(now_), seconds(0));
  breaker_.Succeeded();
  Fail(2);
  EXPECT_EQ(breaker_.State(now_), BreakerState::kClosed);
  Fail(1);
  EXPECT_EQ(breaker_.State(now_), BreakerState::kOpen);
  EXPECT_EQ(breaker_.Wait(now_ + seconds(4)), seconds(6));
}

TEST_F(CircuitBreakerTest, PausesGrowWhileProbesFail) {
  Fail(3);
  for (const int pause : {10, 20, 25, 25}) {
    EXPECT_EQ(breaker_.Wait(now_), seconds(pause));
    now_ += seconds(pause);
    EXPECT_EQ(breaker_.State(now_), BreakerState::kHalfOpen);
    Fail(1);
    EXPECT_EQ(breaker_.State(now_), BreakerState::kOpen);
  }
}

TEST_F(CircuitBreakerTest, AProbeThatSucceedsClosesIt) {
  Fail(3);
  now_ += seconds(10);
  breaker_.Succeeded();
  EXPECT_EQ(breaker_.State(now_), BreakerState::kClosed);
  EXPECT_EQ(breaker_.failures(), 0U);
  Fail(3);
  EXPECT_EQ(breaker_.Wait(now_), seconds(10));
}

TEST_F(CircuitBreakerTest, AReceiversWishHoldsAClosedOneToo) {
  breaker_.Failed(now_, seconds(7));
  EXPECT_EQ(breaker_.State(now_), BreakerState::kClosed);
  EXPECT_EQ(breaker_.Wait(now_), seconds(7));
  Fail(1);
  breaker_.Failed(now_, seconds(60));
  EXPECT_EQ(breaker_.State(now_), BreakerState::kOpen);
  EXPECT_EQ(breaker_.Wait(now_), seconds(60));
}

}  // namespace
}  // namespace auditflow::pipeline
