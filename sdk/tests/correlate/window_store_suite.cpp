#include "tests/correlate/window_store_suite.hpp"

#include <atomic>
#include <chrono>
#include <cmath>
#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/correlate/store_test_support.hpp"

namespace auditflow::correlate {
namespace {

using sigma::Comparison;
using sigma::CorrelationType;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;

WindowSpec ThreeInTenSeconds() {
  return Spec(CorrelationType::kEventCount, seconds(10), {{Comparison::kGte, 3}});
}

class WindowStoreSuite : public testing::Test {
  void SetUp() override {
    if (const std::string why = WhyNoStore(); !why.empty()) GTEST_SKIP() << why;
  }
};

struct Case {
  const char* name;
  std::vector<std::pair<std::uint32_t, Timestamp>> events;
  std::vector<std::uint32_t> triggers;
};

class ThreeInTenSecondsTest : public testing::TestWithParam<Case> {
  void SetUp() override {
    if (const std::string why = WhyNoStore(); !why.empty()) GTEST_SKIP() << why;
  }
};

TEST_P(ThreeInTenSecondsTest, FiresAt) {
  const auto store = NewStore({ThreeInTenSeconds()}, seconds(0));
  std::vector<WindowUpdate> updates;
  for (const auto& [id, time] : GetParam().events) updates.push_back(Update(id, time));
  EXPECT_EQ(Triggers(Apply(*store, updates)), GetParam().triggers);
}

INSTANTIATE_TEST_SUITE_P(
    EventCount, ThreeInTenSecondsTest,
    testing::Values(
        Case{"TooFew", {{1, At(0)}, {2, At(1)}}, {}},
        Case{"AtTheThird", {{1, At(0)}, {2, At(1)}, {3, At(2)}}, {3}},
        Case{"ExactlyTimespanApartIsOutside", {{1, At(0)}, {2, At(1)}, {3, At(10)}}, {}},
        Case{"OneNanosecondLessIsInside",
             {{1, AtNanos(0)}, {2, AtNanos(1)}, {3, AtNanos(9'999'999'999)}},
             {3}},
        Case{"EqualTimes", {{1, At(0)}, {2, At(0)}, {3, At(0)}}, {3}},
        Case{"OnceWhileItHolds",
             {{1, At(0)}, {2, At(1)}, {3, At(2)}, {4, At(3)}, {5, At(4)}, {6, At(5)}},
             {3}},
        Case{"AgainAfterTheWindowEmptied",
             {{1, At(0)}, {2, At(1)}, {3, At(2)}, {4, At(60)}, {5, At(61)}, {6, At(62)}},
             {3, 6}},
        Case{"AgainWhenExpiryBeforeTheEventMadeItFalse",
             {{1, At(0)}, {2, At(1)}, {3, At(2)}, {4, At(10.5)}},
             {3, 4}},
        Case{"NotAgainWhileEnoughRemain",
             {{1, At(0)}, {2, At(1)}, {3, At(2)}, {4, At(3)}, {5, At(10.5)}},
             {3}},
        Case{"DuplicateIdsCountOnce", {{1, At(0)}, {1, At(0)}, {2, At(1)}, {2, At(1)}}, {}},
        Case{"SameIdWithAnotherTimeCountsOnce", {{1, At(0)}, {1, At(1)}, {2, At(2)}}, {}},
        Case{"LateEventsTakeNoPart", {{1, At(30)}, {2, At(5)}, {3, At(29)}, {4, At(31)}}, {}},
        Case{"BeforeTheEpoch",
             {{1, Timestamp::FromUnixNanos(-3)},
              {2, Timestamp::FromUnixNanos(-2)},
              {3, Timestamp::FromUnixNanos(1)}},
             {3}},
        Case{"EndsOfTheRange",
             {{1, Timestamp::FromUnixNanos(INT64_MIN)},
              {2, Timestamp::FromUnixNanos(INT64_MAX - 1)},
              {3, Timestamp::FromUnixNanos(INT64_MAX)}},
             {}}),
    [](const auto& tested) { return tested.param.name; });

TEST_F(WindowStoreSuite, SaysWhatWasInTheWindow) {
  const auto store =
      NewStore({ThreeInTenSeconds()}, seconds(0), WindowLimits{.max_contributors = 2});
  const auto firings =
      Apply(*store, {Update(9, At(-20)), Update(1, At(0)), Update(2, At(1)), Update(3, At(2))});
  ASSERT_EQ(firings.size(), 1U);
  EXPECT_EQ(firings[0].spec, 0U);
  EXPECT_EQ(firings[0].group, "g");
  EXPECT_EQ(firings[0].time, At(2));
  EXPECT_EQ(firings[0].first_time, At(0));
  EXPECT_EQ(firings[0].events, 3U);
  EXPECT_EQ(firings[0].value, 3);
  EXPECT_EQ(firings[0].payload, "payload 3");
  EXPECT_THAT(firings[0].contributors, ElementsAre(Id(2), Id(3)));
}

TEST_F(WindowStoreSuite, RepeatEveryFiresWhileTheConditionHolds) {
  WindowSpec spec = ThreeInTenSeconds();
  spec.repeat = Repeat::kEvery;
  const auto store = NewStore({spec}, seconds(0));
  EXPECT_THAT(Triggers(Apply(*store, {Update(1, At(0)), Update(2, At(1)), Update(3, At(2)),
                                      Update(4, At(3)), Update(5, At(20))})),
              ElementsAre(3, 4));
}

TEST_F(WindowStoreSuite, KeepsGroupsAndRulesApart) {
  WindowSpec two = Spec(CorrelationType::kEventCount, seconds(10), {{Comparison::kGte, 2}});
  const auto store = NewStore({ThreeInTenSeconds(), two}, seconds(0));
  std::vector<WindowUpdate> updates = {Update(1, At(0), "a"), Update(2, At(1), "b"),
                                       Update(3, At(2), "a"), Update(4, At(3), "b")};
  for (auto& update : updates) update.spec = 1;
  updates.push_back(Update(5, At(3), "a"));
  const auto firings = Apply(*store, updates);
  EXPECT_THAT(Triggers(firings), ElementsAre(3, 4));
  EXPECT_EQ(firings[0].group, "a");
  EXPECT_EQ(firings[1].group, "b");
  EXPECT_EQ(firings[1].spec, 1U);
}

TEST_F(WindowStoreSuite, RangesNeedBothEnds) {
  const auto spec =
      Spec(CorrelationType::kEventCount, seconds(10), {{Comparison::kGt, 1}, {Comparison::kLt, 4}});
  WindowSpec every = spec;
  every.repeat = Repeat::kEvery;
  const auto store = NewStore({every}, seconds(0));
  EXPECT_THAT(Triggers(Apply(*store, {Update(1, At(0)), Update(2, At(1)), Update(3, At(2)),
                                      Update(4, At(3)), Update(5, At(4))})),
              ElementsAre(2, 3));
}

TEST_F(WindowStoreSuite, CountsWhatBecameOfTheUpdates) {
  const auto store = NewStore({ThreeInTenSeconds()}, seconds(2));
  auto future = Update(6, At(90'000));
  future.arrival = At(0);
  Apply(*store, {Update(1, At(0)), Update(2, At(4)), Update(2, At(4)), Update(3, At(1)),
                 Update(4, At(2)), future, Update(5, At(5), "other")});
  const WindowStatistics statistics = store->Statistics();
  EXPECT_EQ(statistics.applied, 4U);
  EXPECT_EQ(statistics.duplicates, 1U);
  EXPECT_EQ(statistics.late, 1U);
  EXPECT_EQ(statistics.future, 1U);
  EXPECT_EQ(statistics.groups, 2U);
  EXPECT_EQ(statistics.pending, 3U);
}

TEST_F(WindowStoreSuite, AnEventWithUnknownArrivalIsNotHeldAgainstTheClock) {
  const auto store = NewStore({ThreeInTenSeconds()}, seconds(0));
  auto update = Update(1, At(0));
  update.arrival = Timestamp();
  Apply(*store, {update});
  EXPECT_EQ(store->Statistics().applied, 1U);
}

TEST_F(WindowStoreSuite, WithLatenessEventsWaitForTheWatermark) {
  const auto store = NewStore({ThreeInTenSeconds()}, seconds(5));
  EXPECT_THAT(Apply(*store, {Update(3, At(2)), Update(1, At(0)), Update(2, At(1))}), IsEmpty());
  EXPECT_THAT(Apply(*store, {Update(4, At(7))}), IsEmpty());
  const auto firings = Apply(*store, {Update(5, AtNanos(7'000'000'001))});
  EXPECT_THAT(Triggers(firings), ElementsAre(3));
  EXPECT_EQ(firings[0].payload, "payload 3");
}

TEST_F(WindowStoreSuite, ReleaseEvaluatesWhatHasWaitedForTheLateness) {
  const auto store = NewStore({ThreeInTenSeconds()}, seconds(5));
  Apply(*store, {Update(1, At(0)), Update(2, At(1)), Update(3, At(2))});
  EXPECT_THAT(Release(*store, At(7)), IsEmpty());
  EXPECT_EQ(store->Statistics().pending, 1U);
  EXPECT_THAT(Triggers(Release(*store, AtNanos(7'000'000'001))), ElementsAre(3));
  EXPECT_EQ(store->Statistics().pending, 0U);
  Apply(*store, {Update(4, At(1.5))});
  EXPECT_EQ(store->Statistics().late, 1U);
}

TEST_F(WindowStoreSuite, EndOfInputIsTheLastTimeThereIs) {
  EXPECT_EQ(kEndOfInput.unix_nanos(), 9'223'372'036'854'775'807);
}

TEST_F(WindowStoreSuite, EndOfInputReleasesEverythingInTheOrderOfTime) {
  const auto one = Spec(CorrelationType::kEventCount, seconds(10), {{Comparison::kGte, 1}});
  const auto store = NewStore({one}, seconds(60));
  Apply(*store, {Update(1, At(3), "c"), Update(2, At(1), "b"), Update(3, At(2), "a")});
  EXPECT_THAT(Triggers(Release(*store, kEndOfInput)), ElementsAre(2, 3, 1));
}

TEST_F(WindowStoreSuite, TheOldestEventsLeaveAFullWindowEarly) {
  const auto store =
      NewStore({Spec(CorrelationType::kValueSum, seconds(10), {{Comparison::kGte, 10}})},
               seconds(0), WindowLimits{.max_events_per_group = 3});
  std::vector<WindowUpdate> updates;
  for (std::uint32_t i = 0; i < 6; ++i) {
    updates.push_back(Update(i, At(i)));
    updates.back().value = i == 0 ? 9.0 : 0.25;
  }
  EXPECT_THAT(Apply(*store, updates), IsEmpty());
  EXPECT_EQ(store->Statistics().dropped_events, 3U);
}

TEST_F(WindowStoreSuite, TheLimitHoldsForPendingEventsToo) {
  const auto store =
      NewStore({ThreeInTenSeconds()}, seconds(3600), WindowLimits{.max_events_per_group = 4});
  for (std::uint32_t i = 0; i < 50; ++i) Apply(*store, {Update(i, At(i * 0.001))});
  EXPECT_EQ(store->Statistics().dropped_events, 46U);
  EXPECT_LE(store->Statistics().pending, 4U);
}

TEST_F(WindowStoreSuite, ARuleThatCountsFarGetsTheRoomItNeeds) {
  const auto store =
      NewStore({Spec(CorrelationType::kEventCount, seconds(10), {{Comparison::kGte, 50}})},
               seconds(0), WindowLimits{.max_events_per_group = 4});
  std::vector<Firing> firings;
  for (std::uint32_t i = 0; i < 60; ++i) {
    for (Firing& firing : Apply(*store, {Update(i, At(0))})) firings.push_back(firing);
  }
  EXPECT_THAT(Triggers(firings), ElementsAre(49));
}

TEST_F(WindowStoreSuite, OneEventCountsOncePerOrigin) {
  const auto store = NewStore(
      {Spec(CorrelationType::kEventCount, seconds(10), {{Comparison::kGte, 2}})}, seconds(0));
  auto derived = Update(1, At(0));
  derived.origin = 7;
  EXPECT_THAT(Triggers(Apply(*store, {Update(1, At(0)), derived, derived})), ElementsAre(1));
  EXPECT_EQ(store->Statistics().duplicates, 1U);
}

TEST_F(WindowStoreSuite, HigherLevelsWaitLonger) {
  WindowSpec spec = Spec(CorrelationType::kEventCount, seconds(10), {{Comparison::kGte, 1}});
  spec.level = 2;
  const auto store = NewStore({spec}, seconds(5));
  std::vector<WindowUpdate> updates = {Update(1, At(0)), Update(2, At(9)), Update(3, At(11))};
  for (WindowUpdate& update : updates) update.arrival = Timestamp();
  EXPECT_THAT(Apply(*store, {updates[0], updates[1]}), IsEmpty());
  EXPECT_THAT(Triggers(Apply(*store, {updates[2]})), ElementsAre(1));
}

TEST_F(WindowStoreSuite, HigherLevelsWaitForTheClockWhereArrivalsAreKnown) {
  WindowSpec spec = ThreeInTenSeconds();
  spec.level = 2;
  const auto store = NewStore({spec}, seconds(5));
  std::vector<WindowUpdate> updates = {Update(1, At(0)), Update(2, At(100)), Update(3, At(2)),
                                       Update(4, At(1))};
  for (WindowUpdate& update : updates) update.arrival = At(1000);
  EXPECT_THAT(Apply(*store, updates), IsEmpty());
  EXPECT_THAT(Release(*store, At(1009)), IsEmpty());
  EXPECT_THAT(Triggers(Release(*store, At(1013))), ElementsAre(3));
  EXPECT_EQ(store->Statistics().late, 0U);
}

TEST_F(WindowStoreSuite, ThreadsShareIt) {
  constexpr std::uint32_t kThreads = 4;
  constexpr std::uint32_t kEvents = 2000;
  const auto store = NewStore({ThreeInTenSeconds()}, Duration(0));
  std::atomic<std::uint32_t> fired = 0;
  std::vector<std::thread> threads;
  for (std::uint32_t thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&store, &fired, thread] {
      for (std::uint32_t i = 0; i < kEvents; ++i) {
        // All threads use all groups; an event of each has the same time.
        auto update = Update(thread * kEvents + i, At(0), "group " + std::to_string(i % 50));
        fired += static_cast<std::uint32_t>(Apply(*store, {update}).size());
        if (i % 100 == 0) Release(*store, At(0));
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(fired, 50U);
  EXPECT_EQ(store->Statistics().applied, kThreads * kEvents);
}

struct BadUpdate {
  const char* name;
  CorrelationType type;
  std::function<void(WindowUpdate&)> spoil;
  const char* message;
};

class BadUpdateTest : public testing::TestWithParam<BadUpdate> {
  void SetUp() override {
    if (const std::string why = WhyNoStore(); !why.empty()) GTEST_SKIP() << why;
  }
};

TEST_P(BadUpdateTest, IsRefusedBeforeAnythingIsApplied) {
  const auto store = NewStore({Spec(GetParam().type, seconds(10), {}, 2)}, seconds(0));
  std::vector<WindowUpdate> updates = {Update(1, At(0)), Update(2, At(0))};
  updates[0].value = GetParam().type == CorrelationType::kValueCount
                         ? decltype(WindowUpdate::value)("text")
                         : decltype(WindowUpdate::value)(1.0);
  updates[1].value = updates[0].value;
  GetParam().spoil(updates[1]);
  const auto result = store->Apply(updates);
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(result.error().message(), GetParam().message);
  EXPECT_EQ(store->Statistics().applied, 0U);
}

INSTANTIATE_TEST_SUITE_P(
    WindowStore, BadUpdateTest,
    testing::Values(BadUpdate{"UnknownSpec", CorrelationType::kEventCount,
                              [](WindowUpdate& u) { u.spec = 1; }, "update 1: spec: out of range"},
                    BadUpdate{"NoSlot", CorrelationType::kTemporal,
                              [](WindowUpdate& u) { u.slots.clear(); }, "update 1: slots: empty"},
                    BadUpdate{"UnknownSlot", CorrelationType::kTemporalOrdered,
                              [](WindowUpdate& u) {
                                u.slots = {0, 2};
                              },
                              "update 1: slots: out of range"},
                    BadUpdate{"UnorderedSlots", CorrelationType::kTemporal,
                              [](WindowUpdate& u) {
                                u.slots = {1, 0};
                              },
                              "update 1: slots: not ascending"},
                    BadUpdate{"RepeatedSlot", CorrelationType::kTemporal,
                              [](WindowUpdate& u) {
                                u.slots = {1, 1};
                              },
                              "update 1: slots: a repeated slot"},
                    BadUpdate{"NoText", CorrelationType::kValueCount,
                              [](WindowUpdate& u) { u.value = 1.0; },
                              "update 1: value: text expected"},
                    BadUpdate{"NoNumber", CorrelationType::kValueSum,
                              [](WindowUpdate& u) { u.value = std::monostate(); },
                              "update 1: value: finite number expected"},
                    BadUpdate{"Infinite", CorrelationType::kValueMedian,
                              [](WindowUpdate& u) { u.value = HUGE_VAL; },
                              "update 1: value: finite number expected"}),
    [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace auditflow::correlate
