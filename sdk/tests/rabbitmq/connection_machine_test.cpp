#include "src/rabbitmq/connection_machine.hpp"

#include <gtest/gtest.h>

namespace auditflow::rabbitmq {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// A machine with a time that the test moves.
struct Bench {
  ConnectionMachine::Now now{seconds(100), Timestamp::FromUnixNanos(1'000)};
  std::unique_ptr<RandomSource> random = SeededRandom(7);
  ConnectionMachine machine{{{milliseconds(50), seconds(5)}, seconds(30)}, *random, now};

  void Advance(Duration d) { now = {now.monotonic + d, now.wall + d}; }
  Duration UntilDue() { return machine.UntilDue(now.monotonic); }
  void Lose(const Status& why = Unavailable("gone")) {
    machine.OnConnecting();
    machine.OnLost(why, now);
  }
  void Connect() {
    machine.OnConnecting();
    machine.OnReady(now);
  }
};

TEST(ConnectionMachine, ConnectsAtOnceAtFirst) {
  Bench bench;
  EXPECT_EQ(bench.UntilDue(), Duration::zero());
  EXPECT_EQ(bench.machine.health().state, ConnectionState::kWaiting);
  EXPECT_FALSE(bench.machine.health().up());
}

TEST(ConnectionMachine, SaysWhyAndSinceWhenItIsDown) {
  Bench bench;
  bench.Connect();
  EXPECT_TRUE(bench.machine.health().up());
  EXPECT_EQ(bench.machine.health().reason, "");
  bench.Advance(seconds(60));
  bench.machine.OnLost(Unavailable("the socket was closed"), bench.now);
  const ConnectionHealth& health = bench.machine.health();
  EXPECT_FALSE(health.up());
  EXPECT_EQ(health.reason, "the socket was closed");
  EXPECT_EQ(health.since, bench.now.wall);
  EXPECT_FALSE(health.permanent);
  EXPECT_EQ(health.connections, 1U);
  EXPECT_EQ(health.failures, 1U);
  bench.Connect();
  EXPECT_EQ(health.reason, "");
  EXPECT_EQ(health.last_failure, "the socket was closed");
}

TEST(ConnectionMachine, FailedAttemptsDoNotMoveSince) {
  Bench bench;
  bench.Connect();
  bench.machine.OnLost(Unavailable("gone"), bench.now);
  const Timestamp lost = bench.now.wall;
  bench.Advance(seconds(3));
  bench.Lose();
  EXPECT_EQ(bench.machine.health().since, lost);
}

TEST(ConnectionMachine, WaitsAreBoundedAndGrowToTheMaximum) {
  Bench bench;
  Duration longest{0};
  for (int attempt = 0; attempt < 200; ++attempt) {
    bench.Lose();
    EXPECT_LE(bench.UntilDue(), seconds(5));
    longest = std::max(longest, bench.UntilDue());
    bench.Advance(bench.UntilDue());
    EXPECT_EQ(bench.UntilDue(), Duration::zero());
  }
  EXPECT_GT(longest, seconds(4));
}

TEST(ConnectionMachine, APermanentFailureIsRetriedSlowly) {
  Bench bench;
  bench.Lose(Status(StatusCode::kUnauthenticated, "wrong password"));
  EXPECT_TRUE(bench.machine.health().permanent);
  EXPECT_GE(bench.UntilDue(), seconds(15));
  EXPECT_LE(bench.UntilDue(), seconds(30));
  bench.Advance(bench.UntilDue());
  bench.Connect();
  EXPECT_FALSE(bench.machine.health().permanent);
}

/// The longest of many waits after connections that lasted for `lasting`.
Duration LongestWaitAfterConnectionsOf(Duration lasting) {
  Bench bench;
  Duration longest{0};
  for (int round = 0; round < 100; ++round) {
    bench.Connect();
    bench.Advance(lasting);
    bench.machine.OnLost(Unavailable("gone"), bench.now);
    longest = std::max(longest, bench.UntilDue());
    bench.Advance(bench.UntilDue());
  }
  return longest;
}

TEST(ConnectionMachine, OnlyAConnectionThatLastedResetsTheBackoff) {
  EXPECT_LE(LongestWaitAfterConnectionsOf(seconds(5)), milliseconds(50));
  EXPECT_GT(LongestWaitAfterConnectionsOf(milliseconds(10)), seconds(2));
}

TEST(ConnectionMachine, CountsTheTimeUnderAnAlarm) {
  Bench bench;
  bench.Connect();
  bench.machine.OnBlocked("low on memory", bench.now);
  EXPECT_TRUE(bench.machine.health().blocked);
  EXPECT_TRUE(bench.machine.health().up());
  EXPECT_EQ(bench.machine.health().reason, "blocked by the broker: low on memory");
  bench.Advance(seconds(3));
  bench.machine.OnBlocked("low on disk", bench.now);
  bench.Advance(seconds(1));
  EXPECT_EQ(bench.machine.BlockedFor(bench.now.monotonic), seconds(4));
  bench.machine.OnUnblocked(bench.now);
  bench.Advance(seconds(9));
  EXPECT_FALSE(bench.machine.health().blocked);
  EXPECT_EQ(bench.machine.health().reason, "");
  EXPECT_EQ(bench.machine.BlockedFor(bench.now.monotonic), seconds(4));
}

TEST(ConnectionMachine, AnAlarmEndsWithItsConnection) {
  Bench bench;
  bench.Connect();
  bench.machine.OnBlocked("low on memory", bench.now);
  bench.Advance(seconds(2));
  bench.machine.OnLost(Unavailable("gone"), bench.now);
  bench.Advance(seconds(2));
  EXPECT_FALSE(bench.machine.health().blocked);
  EXPECT_EQ(bench.machine.BlockedFor(bench.now.monotonic), seconds(2));
  EXPECT_EQ(bench.machine.health().reason, "gone");
}

TEST(ConnectionMachine, StopsFromEveryState) {
  for (const bool ready : {false, true}) {
    Bench bench;
    if (ready) bench.Connect();
    bench.machine.OnStopped(bench.now);
    EXPECT_EQ(bench.machine.health().state, ConnectionState::kStopped);
    EXPECT_FALSE(bench.machine.health().up());
  }
}

}  // namespace
}  // namespace auditflow::rabbitmq
