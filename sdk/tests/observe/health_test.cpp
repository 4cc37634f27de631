#include "auditflow/observe/health.hpp"

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace auditflow::observe {
namespace {

const Timestamp kStart = *Timestamp::Parse("2026-11-20T10:00:00Z");

TEST(HealthRegistry, IsReadyWithoutComponents) { EXPECT_TRUE(HealthRegistry().Ready()); }

TEST(HealthRegistry, AComponentIsDownUntilItIsSetUp) {
  HealthRegistry health;
  health.Register("redis");
  EXPECT_FALSE(health.Ready());
  EXPECT_EQ(health.Snapshot().at(0).reason, "starting");
  EXPECT_TRUE(health.Set("redis", true));
  EXPECT_TRUE(health.Ready());
  EXPECT_TRUE(health.IsUp("redis"));
}

TEST(HealthRegistry, AnInformationalComponentDoesNotDecide) {
  HealthRegistry health;
  health.Register("cache", Criticality::kInformational);
  EXPECT_TRUE(health.Ready());
  EXPECT_FALSE(health.IsUp("cache"));
  health.Register("cache", Criticality::kCritical);
  EXPECT_FALSE(health.Ready());
}

TEST(HealthRegistry, SinceMovesOnlyWhenTheStateDoes) {
  ManualClock clock(kStart);
  HealthRegistry health(clock);
  health.Register("broker");
  clock.Advance(std::chrono::seconds(1));
  EXPECT_TRUE(health.Set("broker", true));
  clock.Advance(std::chrono::seconds(1));
  EXPECT_FALSE(health.Set("broker", true, "slow"));
  const ComponentHealth broker = health.Snapshot().at(0);
  EXPECT_EQ(broker.since, kStart + std::chrono::seconds(1));
  EXPECT_EQ(broker.reason, "slow");
}

TEST(HealthRegistry, ANameNeverRegisteredIsCritical) {
  HealthRegistry health;
  health.Set("rules", false, "no such folder");
  EXPECT_FALSE(health.Ready());
  EXPECT_FALSE(health.IsUp("unknown"));
}

TEST(HealthRegistry, DrainingIsNotReadyWhateverTheComponentsSay) {
  HealthRegistry health;
  health.Set("broker", true);
  health.Drain();
  EXPECT_FALSE(health.Ready());
  // A client of the wire contract knows two words; whoever wants to know more looks behind it.
  EXPECT_EQ(health.ToJson().substr(0, 38), R"({"status":"unhealthy","draining":true,)");
}

TEST(HealthRegistry, WritesItsStateAsJson) {
  ManualClock clock(kStart);
  HealthRegistry health(clock);
  health.Register("cache", Criticality::kInformational);
  health.Set("broker", true);
  EXPECT_EQ(health.ToJson(),
            R"({"status":"healthy","components":{)"
            R"("broker":{"up":true,"critical":true,"since":"2026-11-20T10:00:00Z"},)"
            R"("cache":{"up":false,"critical":false,"since":"2026-11-20T10:00:00Z",)"
            R"("reason":"starting"}}})");
}

TEST(HealthRegistry, AReasonWithInvalidUtf8IsStillValidJson) {
  HealthRegistry health;
  health.Set("broker", false, "bad \xff byte \"quoted\"\n");
  const auto json = nlohmann::json::parse(health.ToJson());
  EXPECT_EQ(json["components"]["broker"]["reason"], "bad \xEF\xBF\xBD byte \"quoted\"\n");
  EXPECT_EQ(json["status"], "unhealthy");
}

TEST(HealthRegistry, TransitionsAreReportedToExactlyOneThread) {
  HealthRegistry health;
  health.Register("broker");
  std::atomic<int> transitions = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        transitions += health.Set("broker", true) ? 1 : 0;
        (void)health.ToJson();
      });
    }
  }
  EXPECT_EQ(transitions, 1);
}

}  // namespace
}  // namespace auditflow::observe
