// Threads that share windows, and what one thread makes of the same events.
#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <iterator>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "auditflow/core/random.hpp"
#include "auditflow/correlate/correlator.hpp"
#include "auditflow/correlate/window_store.hpp"
#include "auditflow/event/event.hpp"

#include "tests/correlate/correlator_harness.hpp"
#include "tests/correlate/store_test_support.hpp"

namespace auditflow::correlate {
namespace {

using sigma::Comparison;
using sigma::CorrelationType;

constexpr std::size_t kThreads = 4;

/// Runs `work` in as many threads, with the number of each.
void InThreads(const std::function<void(std::size_t)>& work) {
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < kThreads; ++i) threads.emplace_back(work, i);
  for (auto& thread : threads) thread.join();
}

// -- One store ------------------------------------------------------------------------------------

constexpr std::uint32_t kEvents = 4000;
constexpr std::uint32_t kGroups = 37;
constexpr Duration kStep(10);

/// Everything that a firing says.
using Said = std::tuple<std::uint32_t, Timestamp, double, std::uint64_t, std::vector<Uuid>>;
using Groups = std::map<std::string, std::vector<Said>>;

void Add(Groups& groups, const std::vector<Firing>& firings) {
  for (const Firing& firing : firings) {
    groups[firing.group].emplace_back(Number(firing.event_id), firing.time, firing.value,
                                      firing.events, firing.contributors);
  }
}

WindowSpec SpecOf(CorrelationType type) {
  const bool temporal = type >= CorrelationType::kTemporal;
  auto spec = Spec(type, 20 * kGroups * kStep, {}, temporal ? 3 : 1);
  spec.percentile = 80;
  if (temporal) return spec;
  const bool counts = type == CorrelationType::kEventCount || type == CorrelationType::kValueCount;
  spec.condition = {{Comparison::kGte, counts ? 12 : type == CorrelationType::kValueSum ? 80 : 5}};
  return spec;
}

std::vector<WindowUpdate> Stream(CorrelationType type) {
  const auto random = SeededRandom(1);
  std::vector<WindowUpdate> stream;
  for (std::uint32_t i = 0; i < kEvents; ++i) {
    auto update =
        Update(i, AtNanos(i * kStep.count()), "group " + std::to_string(random->Below(kGroups)));
    update.slots = {static_cast<std::uint32_t>(random->Below(3))};
    if (type == CorrelationType::kValueCount) update.value = std::to_string(random->Below(20));
    if (type >= CorrelationType::kValueSum) update.value = static_cast<double>(random->Below(10));
    stream.push_back(std::move(update));
  }
  return stream;
}

class ThreadsTest : public testing::TestWithParam<CorrelationType> {
 protected:
  /// What each of the threads applies of the stream in order, by its choice of updates.
  Groups Run(Duration lateness,
             const std::function<bool(std::size_t thread, const WindowUpdate&)>& takes) {
    const auto store = NewInMemoryWindowStore({SpecOf(GetParam())}, lateness);
    std::vector<std::vector<Firing>> firings(kThreads);
    InThreads([&](std::size_t thread) {
      std::vector<WindowUpdate> batch;
      const auto apply = [&] {
        auto fired = Apply(*store, std::exchange(batch, {}));
        std::move(fired.begin(), fired.end(), std::back_inserter(firings[thread]));
      };
      for (const WindowUpdate& update : stream_) {
        if (!takes(thread, update)) continue;
        batch.push_back(update);
        if (batch.size() == 1 + thread * 7) apply();
      }
      apply();
    });
    Groups groups;
    for (const auto& of_thread : firings) Add(groups, of_thread);
    Add(groups, Release(*store, kEndOfInput));
    EXPECT_EQ(store->Statistics().late, 0U);
    return groups;
  }

  Groups InOneThread(Duration lateness) {
    return Run(lateness, [](std::size_t thread, const WindowUpdate&) { return thread == 0; });
  }

  std::vector<WindowUpdate> stream_ = Stream(GetParam());
};

TEST_P(ThreadsTest, GroupsOfTheirOwnFireAsInOneThread) {
  const Groups expected = InOneThread(Duration(0));
  const Groups actual = Run(Duration(0), [](std::size_t thread, const WindowUpdate& update) {
    return std::hash<std::string>()(update.group) % kThreads == thread;
  });
  EXPECT_EQ(expected.size(), kGroups);
  EXPECT_EQ(actual, expected);
}

TEST_P(ThreadsTest, SharedGroupsFireAsInOneThreadWithinTheLateness) {
  const Duration lateness = kEvents * kStep;  // whatever the threads' speed
  const Groups actual = Run(lateness, [](std::size_t thread, const WindowUpdate& update) {
    return Number(update.event_id) % kThreads == thread;
  });
  EXPECT_EQ(actual, InOneThread(lateness));
  EXPECT_EQ(actual, InOneThread(Duration(0)));
}

INSTANTIATE_TEST_SUITE_P(WindowStore, ThreadsTest, EveryType(), NameOfType);

// -- Correlators over shared stores ---------------------------------------------------------------

constexpr std::string_view kChain = R"(
title: Burst
name: burst
correlation: {type: event_count, rules: [failed], group-by: [user, host], timespan: 60s, condition: {gte: 3}}
---
title: Many hosts
correlation: {type: value_count, rules: [burst], group-by: [user], timespan: 600s, condition: {gte: 3, field: host}}
)";

class SharedStoresTest : public testing::Test {
 protected:
  static constexpr std::uint32_t kCount = 1200;
  static constexpr std::uint32_t kLastSecond = kCount;

  SharedStoresTest() : rules_(Rules(kChain)) {
    const auto random = SeededRandom(2);
    event::EventParser parser;
    for (std::uint32_t i = 0; i < kCount; ++i) {
      const std::string json = R"({"user":"u)" + std::to_string(random->Below(4)) +
                               R"(","host":"h)" + std::to_string(random->Below(6)) + "\"}";
      events_.push_back(parser.Parse(json).value());
    }
    options_.allowed_lateness = std::chrono::seconds(kLastSecond);
  }

  std::unique_ptr<Correlator> New(const Correlator::StoreFactory& stores) const {
    return Correlator::Create(rules_, stores, options_).value();
  }
  Correlator::StoreFactory Shared() const {
    return ShareStores([lateness = options_.allowed_lateness](std::vector<WindowSpec> specs) {
      return NewInMemoryWindowStore(std::move(specs), lateness);
    });
  }

  /// Every `step`th event from `first`.
  std::vector<CorrelationHit> Observe(Correlator& correlator, std::size_t first,
                                      std::size_t step) const {
    std::vector<CorrelationHit> all;
    for (std::size_t i = first; i < events_.size(); i += step) {
      const Timestamp time = At(static_cast<double>(i));
      const Observation one{&events_[i], Id(static_cast<std::uint32_t>(i)), time, time, kFailed};
      auto hits = correlator.Observe({&one, 1}).value();
      std::move(hits.begin(), hits.end(), std::back_inserter(all));
    }
    return all;
  }

  static constexpr std::array<std::uint32_t, 1> kFailed = {0};
  std::shared_ptr<const sigma::LinkedRules> rules_;
  std::vector<event::Event> events_;
  CorrelatorOptions options_;
};

using Facts = std::multiset<std::tuple<std::uint32_t, std::string, std::uint32_t, double>>;

Facts FactsOf(const std::vector<CorrelationHit>& hits) {
  Facts facts;
  for (const auto& hit : hits) {
    facts.emplace(hit.correlation, hit.group_key, Number(hit.event_id), hit.value);
  }
  return facts;
}

TEST_F(SharedStoresTest, AChainOverThreadsHitsAsInOne) {
  const auto alone = New(nullptr);
  Facts expected = FactsOf(Observe(*alone, 0, 1));
  expected.merge(FactsOf(alone->Release(kEndOfInput).value()));

  const auto stores = Shared();
  std::vector<std::unique_ptr<Correlator>> correlators(kThreads);
  std::vector<Facts> facts(kThreads);
  InThreads([&](std::size_t thread) {
    correlators[thread] = New(stores);
    facts[thread] = FactsOf(Observe(*correlators[thread], thread, kThreads));
  });
  Facts actual = FactsOf(correlators.back()->Release(kEndOfInput).value());
  for (Facts& of_thread : facts) actual.merge(of_thread);

  EXPECT_EQ(actual, expected);
  std::map<std::uint32_t, std::size_t> of_rule;
  for (const auto& fact : expected) ++of_rule[std::get<0>(fact)];
  EXPECT_GT(of_rule[0], 50U);
  EXPECT_GT(of_rule[1], 3U);
}

TEST_F(SharedStoresTest, WindowsLiveAsLongAsACorrelatorThatUsesThem) {
  options_.allowed_lateness = Duration(0);
  const auto stores = Shared();
  auto first = New(stores);
  auto second = New(stores);
  Observe(*first, 0, 1);
  EXPECT_EQ(second->Statistics().windows.applied, first->Statistics().windows.applied);
  first.reset();
  EXPECT_GT(second->Statistics().windows.groups, 0U);
  second.reset();
  EXPECT_EQ(New(stores)->Statistics().windows.groups, 0U);
}

TEST_F(SharedStoresTest, OtherRulesGetStoresOfTheirOwn) {
  const auto stores = Shared();
  const auto one = New(stores);
  Observe(*one, 0, 1);
  std::string longer(kChain);
  longer.replace(longer.find("60s"), 3, "61s");
  const auto other = Correlator::Create(Rules(longer), stores, options_).value();
  EXPECT_EQ(other->Statistics().windows.applied, 0U);
}

}  // namespace
}  // namespace auditflow::correlate
