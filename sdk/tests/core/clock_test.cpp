#include "auditflow/core/clock.hpp"

#include <atomic>
#include <thread>

#include <gtest/gtest.h>

namespace auditflow {
namespace {

using namespace std::chrono_literals;

TEST(ManualClock, AdvanceMovesBothClocks) {
  ManualClock clock(Timestamp::FromUnixNanos(100));
  clock.Advance(5ns);
  EXPECT_EQ(clock.Now(), Timestamp::FromUnixNanos(105));
  EXPECT_EQ(clock.Monotonic(), 5ns);
}

TEST(ManualClock, SetNowLeavesTheMonotonicClockAlone) {
  ManualClock clock;
  clock.Advance(10s);
  clock.SetNow(Timestamp::FromUnixNanos(1));
  EXPECT_EQ(clock.Now(), Timestamp::FromUnixNanos(1));
  EXPECT_EQ(clock.Monotonic(), 10s);
}

TEST(ManualClock, ASleeperWakesWhenItsTimeHasPassedAndNotBefore) {
  ManualClock clock;
  std::atomic<bool> woke = false;
  std::atomic<bool> slept_through = false;
  std::jthread sleeper([&](const std::stop_token& stop) {
    slept_through = clock.SleepFor(10s, stop);
    woke = true;
  });
  clock.WaitForSleepers(1);
  clock.Advance(9s);
  EXPECT_FALSE(woke);
  clock.Advance(1s);
  sleeper.join();
  EXPECT_TRUE(slept_through);
}

TEST(ManualClock, AStopWakesASleeperAndSaysSo) {
  ManualClock clock;
  std::atomic<bool> slept_through = true;
  std::jthread sleeper(
      [&](const std::stop_token& stop) { slept_through = clock.SleepFor(10s, stop); });
  clock.WaitForSleepers(1);
  sleeper.request_stop();
  sleeper.join();
  EXPECT_FALSE(slept_through);
}

TEST(ManualClock, WaitsForSeveralSleepers) {
  ManualClock clock;
  std::atomic<int> woke = 0;
  const auto sleep = [&](const std::stop_token& stop) {
    clock.SleepFor(1s, stop);
    ++woke;
  };
  std::jthread one(sleep);
  std::jthread two(sleep);
  clock.WaitForSleepers(2);
  clock.Advance(1s);
  one.join();
  two.join();
  EXPECT_EQ(woke, 2);
}

TEST(ManualClock, NoTimeIsNoSleep) {
  ManualClock clock;
  EXPECT_TRUE(clock.SleepFor(0s, std::stop_token()));
  EXPECT_TRUE(clock.SleepFor(-1s, std::stop_token()));
}

TEST(ManualClock, ALongSleepDoesNotOverflow) {
  ManualClock clock;
  clock.Advance(1h);
  std::jthread sleeper(
      [&](const std::stop_token& stop) { EXPECT_FALSE(clock.SleepFor(Duration::max(), stop)); });
  clock.WaitForSleepers(1);
}

TEST(SystemClock, MonotonicDoesNotGoBackAndNowIsThisCentury) {
  const Duration before = SystemClock().Monotonic();
  EXPECT_GE(SystemClock().Monotonic(), before);
  EXPECT_GT(SystemClock().Now(), *Timestamp::Parse("2020-01-01T00:00:00Z"));
}

TEST(SystemClock, ASleepOfHoursEndsWhenStopIsRequested) {
  std::jthread sleeper(
      [](const std::stop_token& stop) { EXPECT_FALSE(SystemClock().SleepFor(24h, stop)); });
  sleeper.request_stop();
  sleeper.join();
  EXPECT_TRUE(SystemClock().SleepFor(1ns, std::stop_token()));
}

}  // namespace
}  // namespace auditflow
