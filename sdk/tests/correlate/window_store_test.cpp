#include "auditflow/correlate/window_store.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/correlate/store_test_support.hpp"
#include "tests/correlate/window_store_suite.hpp"

namespace auditflow::correlate {

std::unique_ptr<WindowStore> NewStore(std::vector<WindowSpec> specs, Duration allowed_lateness,
                                      const WindowLimits& limits) {
  return NewInMemoryWindowStore(std::move(specs), allowed_lateness, limits);
}

std::string WhyNoStore() { return ""; }

namespace {

using sigma::Comparison;
using sigma::CorrelationType;
using std::chrono::seconds;
using testing::ElementsAre;

WindowSpec ThreeInTenSeconds() {
  return Spec(CorrelationType::kEventCount, seconds(10), {{Comparison::kGte, 3}});
}

TEST(WindowStore, DropsTheLeastRecentlyUsedGroup) {
  const auto store =
      NewInMemoryWindowStore({ThreeInTenSeconds()}, seconds(0), WindowLimits{.max_groups = 2});
  Apply(*store, {Update(1, At(0), "a"), Update(2, At(0), "b"), Update(3, At(1), "a"),
                 Update(4, At(1), "c")});
  EXPECT_EQ(store->Statistics().groups, 2U);
  EXPECT_EQ(store->Statistics().dropped_groups, 1U);
  EXPECT_THAT(Triggers(Apply(*store, {Update(5, At(2), "a")})), ElementsAre(5));
}

TEST(WindowStore, AnEvictedGroupTakesItsPendingEventsAlong) {
  const auto store =
      NewInMemoryWindowStore({ThreeInTenSeconds()}, seconds(9), WindowLimits{.max_groups = 1});
  Apply(*store, {Update(1, At(0), "a"), Update(2, At(0), "a"), Update(3, At(1), "b")});
  EXPECT_EQ(store->Statistics().pending, 1U);
  EXPECT_EQ(store->Statistics().dropped_events, 2U);
  Release(*store, kEndOfInput);
  EXPECT_EQ(store->Statistics().pending, 0U);
}

TEST(WindowStore, ManyGroupsStayWithinTheLimitOverAllShards) {
  const WindowLimits limits{.max_groups = 8192};
  const auto store = NewInMemoryWindowStore({ThreeInTenSeconds()}, seconds(0), limits);
  for (std::uint32_t i = 0; i < 30'000; ++i) {
    Apply(*store, {Update(i, At(0), "group " + std::to_string(i))});
  }
  const WindowStatistics statistics = store->Statistics();
  EXPECT_LE(statistics.groups, limits.max_groups);
  EXPECT_EQ(statistics.groups + statistics.dropped_groups, 30'000U);
}

TEST(WindowStore, ANewStoreGoesOnWithTheWindowsOfUnchangedRules) {
  WindowSpec other = ThreeInTenSeconds();
  other.key = "another rule";
  const auto before = NewInMemoryWindowStore({ThreeInTenSeconds()}, seconds(0));
  Apply(*before, {Update(1, At(0)), Update(2, At(1))});
  const auto after =
      NewInMemoryWindowStore({other, ThreeInTenSeconds()}, seconds(0), {}, before.get());
  auto third = Update(3, At(2));
  auto unrelated = Update(4, At(2));
  third.spec = 1;
  const auto firings = Apply(*after, {unrelated, third});
  ASSERT_THAT(Triggers(firings), ElementsAre(3));
  EXPECT_EQ(firings[0].spec, 1U);
}

}  // namespace
}  // namespace auditflow::correlate
