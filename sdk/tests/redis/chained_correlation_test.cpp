#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "auditflow/correlate/correlator.hpp"
#include "auditflow/redis/redis_windows.hpp"

#include "tests/correlate/correlator_harness.hpp"
#include "tests/redis/redis_server.hpp"

namespace auditflow::redis {
namespace {

using correlate::At;
using correlate::Harness;

constexpr std::string_view kChain = R"(
title: Burst
name: burst
correlation:
  type: event_count
  rules: [failed]
  group-by: [user]
  timespan: 60s
  condition: {gte: 3}
---
title: Burst, then a login
name: break_in
correlation:
  type: temporal_ordered
  rules: [burst, login]
  group-by: [user]
  timespan: 300s
)";

/// (correlation, trigger) in the order of the hits.
std::vector<std::pair<std::uint32_t, std::uint32_t>> Hits(Harness& first, Harness& second) {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> found;
  for (std::uint32_t i = 0; i < 40; ++i) {
    Harness& harness = i % 2 == 0 ? first : second;
    const std::string user = R"({"user":"u)" + std::to_string(i % 3) + R"("})";
    harness.Add(i, At(i), {i % 5 == 4 ? "login" : "failed"}, user);
    for (const auto& hit : harness.Observe()) {
      found.emplace_back(hit.correlation, correlate::Number(hit.event_id));
    }
  }
  return found;
}

TEST(RedisServerChainTest, TwoCorrelatorsOnOneRedisGiveTheHitsOfOneInMemory) {
  if (SharedServer() == nullptr) GTEST_SKIP() << "no redis-server here";
  const RedisOptions options = SharedServer()->Options();
  const auto factory = [&options] {
    auto windows = *RedisWindows::Create(options);
    return [windows](std::vector<correlate::WindowSpec> specs) {
      return windows->NewStore(std::move(specs), Duration(0));
    };
  };
  Harness alone(kChain);
  Harness first(kChain, {}, factory());
  Harness second(kChain, {}, factory());
  const auto expected = Hits(alone, alone);
  EXPECT_THAT(expected, testing::Contains(testing::Key(1)));
  EXPECT_EQ(Hits(first, second), expected);
}

}  // namespace
}  // namespace auditflow::redis
