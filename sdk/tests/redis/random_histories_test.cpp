#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "auditflow/redis/redis_windows.hpp"

#include "tests/correlate/window_scenario.hpp"
#include "tests/redis/redis_server.hpp"

namespace auditflow::redis {
namespace {

using correlate::Groups;
using correlate::WindowUpdate;
using sigma::CorrelationType;

// 10,000 over the eight types.
constexpr std::uint64_t kHistoriesPerType = 1250;
constexpr std::uint64_t kProgramsEvery = 2;

/// Each call goes to another program than the one before. Now and then one dies, and a new one
/// takes its place.
class ManyPrograms final : public correlate::WindowStore {
 public:
  using Make = std::function<std::unique_ptr<WindowStore>()>;

  ManyPrograms(std::size_t programs, Make make) : make_(std::move(make)), stores_(programs) {
    for (auto& store : stores_) store = make_();
  }
  Result<std::vector<correlate::Firing>> Apply(std::span<const WindowUpdate> updates) override {
    return Next().Apply(updates);
  }
  Result<std::vector<correlate::Firing>> Release(Timestamp now) override {
    return Next().Release(now);
  }
  [[nodiscard]] correlate::WindowStatistics Statistics() const override { return {}; }

 private:
  static constexpr std::size_t kLife = 7;

  WindowStore& Next() {
    auto& store = stores_[++turn_ % stores_.size()];
    if (stores_.size() > 1 && turn_ % kLife == 0) store = make_();
    return *store;
  }

  Make make_;
  std::vector<std::unique_ptr<WindowStore>> stores_;
  std::size_t turn_ = 0;
};

class RedisServerHistoriesTest : public testing::TestWithParam<CorrelationType> {
 protected:
  void SetUp() override {
    if (SharedServer() == nullptr) GTEST_SKIP() << "no redis-server here";
    options_ = SharedServer()->Options();
    windows_ = *RedisWindows::Create(options_);
  }
  void TearDown() override {
    if (SharedServer() != nullptr) SharedServer()->Command({"FLUSHALL"});
  }
  std::unique_ptr<correlate::WindowStore> Store(correlate::Scenario& scenario, std::uint64_t seed) {
    correlate::WindowSpec spec = scenario.spec();
    spec.key = "history " + std::to_string(seed);
    return windows_->NewStore({spec}, scenario.lateness(), correlate::kNoLimits);
  }

  RedisOptions options_;
  std::shared_ptr<RedisWindows> windows_;
};

TEST_P(RedisServerHistoriesTest, AgreeWithTheInMemoryStore) {
  std::size_t fired = 0;
  for (std::uint64_t seed = 0; seed < kHistoriesPerType; ++seed) {
    correlate::Scenario scenario(GetParam(), seed + 1'000'000);
    auto stream = scenario.InOrder();
    if (seed % 3 == 1) stream = scenario.Delayed(stream);
    if (seed % 3 == 2) stream = scenario.Shuffled(stream);
    const bool programs = seed % kProgramsEvery == 0;
    if (!programs) stream = scenario.WithDuplicates(stream);
    ManyPrograms store(programs ? 3 : 1, [&] { return Store(scenario, seed); });
    const Groups expected = scenario.Run(stream);
    const Groups actual = scenario.Run(stream, store);
    for (const auto& [group, firings] : actual) fired += firings.size();
    ASSERT_TRUE(correlate::Same(actual, expected)) << "seed " << seed << "\n"
                                                   << correlate::Describe(actual) << "expected\n"
                                                   << correlate::Describe(expected);
  }
  EXPECT_GT(fired, 1000U);
}

INSTANTIATE_TEST_SUITE_P(Windows, RedisServerHistoriesTest, correlate::EveryType(),
                         correlate::NameOfType);

}  // namespace
}  // namespace auditflow::redis
