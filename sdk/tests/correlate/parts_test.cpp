#include <array>
#include <cmath>
#include <cstdint>
#include <deque>
#include <iterator>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "auditflow/core/random.hpp"

#include "src/correlate/distinct_window.hpp"
#include "src/correlate/exact_sum.hpp"
#include "src/correlate/group_key.hpp"
#include "src/correlate/id_set.hpp"
#include "src/correlate/rank_window.hpp"
#include "src/correlate/ring.hpp"
#include "src/correlate/slot_condition.hpp"
#include "src/correlate/sorted_blocks.hpp"
#include "tests/correlate/store_test_support.hpp"

namespace auditflow::correlate {
namespace {

using testing::ElementsAre;

struct SumCase {
  const char* name;
  std::vector<double> terms;
  double sum;
};

class ExactSumTest : public testing::TestWithParam<SumCase> {};

TEST_P(ExactSumTest, IsTheExactSumRoundedOnce) {
  ExactSum sum;
  for (const double term : GetParam().terms) sum.Add(term);
  EXPECT_EQ(sum.Value(), GetParam().sum);
  ExactSum negative;
  for (const double term : GetParam().terms) negative.Subtract(term);
  EXPECT_EQ(negative.Value(), -GetParam().sum);
}

constexpr double kMax = std::numeric_limits<double>::max();
constexpr double kTiny = std::numeric_limits<double>::denorm_min();

INSTANTIATE_TEST_SUITE_P(
    ExactSum, ExactSumTest,
    testing::Values(SumCase{"Nothing", {}, 0}, SumCase{"One", {1.5}, 1.5},
                    SumCase{"Cancels", {1e300, 1, -1e300}, 1},
                    SumCase{"CancelsTiny", {1e300, kTiny, -1e300}, kTiny},
                    SumCase{"Tenths", {0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1}, 1},
                    SumCase{"TiesGoToEven", {0x1p53, 1}, 0x1p53},
                    SumCase{"StickyBitBreaksTheTie", {0x1p53, 1, 0x1p-900}, 0x1p53 + 2},
                    SumCase{"JustBelowATie", {0x1p53, 1, -0x1p-900}, 0x1p53},
                    SumCase{"TransientOverflow", {kMax, kMax, -kMax}, kMax},
                    SumCase{"Overflow", {kMax, kMax}, HUGE_VAL},
                    SumCase{"Subnormal", {kTiny, kTiny, kTiny}, 3 * kTiny},
                    SumCase{"MixedSigns", {-1, 0x1p-60, 0x1p80, -0x1p80}, -1 + 0x1p-60},
                    SumCase{"BackToZero", {3.25, -1e-300, -3.25, 1e-300}, 0}),
    [](const auto& tested) { return tested.param.name; });

TEST(ExactSum, DoesNotDriftWhenAWindowSlides) {
  const auto random = SeededRandom(1);
  ExactSum sum;
  std::deque<double> window;
  for (int i = 0; i < 100'000; ++i) {
    const auto exponent = static_cast<int>(random->Below(200)) - 100;
    window.push_back(std::ldexp(random->Unit() - 0.5, exponent));
    sum.Add(window.back());
    if (window.size() > 50) {
      sum.Subtract(window.front());
      window.pop_front();
    }
    if (i % 997 == 0) {
      ExactSum fresh;
      for (const double term : window) fresh.Add(term);
      ASSERT_EQ(sum.Value(), fresh.Value());
    }
  }
  for (const double term : window) sum.Subtract(term);
  EXPECT_EQ(sum.Value(), 0);
}

TEST(ExactSum, AgreesWithWiderArithmeticWhereThatIsExact) {
  const auto random = SeededRandom(2);
  for (int round = 0; round < 2000; ++round) {
    ExactSum sum;
    long double wide = 0;  // 64 bits of mantissa: exact for terms below 2^52 in steps of 2^-8
    for (int i = 0; i < 5; ++i) {
      const double term = (static_cast<double>(random->Below(std::uint64_t{1} << 52U)) - 0x1p51) *
                          0x1p-8 * (random->Below(2) == 0 ? 1 : 64);
      sum.Add(term);
      wide += static_cast<long double>(term);
    }
    ASSERT_EQ(sum.Value(), static_cast<double>(wide));
  }
}

TEST(IdSet, AgreesWithAStandardSetUnderRandomUse) {
  const auto random = SeededRandom(3);
  IdSet ids;
  std::set<Identity> expected;
  for (int i = 0; i < 200'000; ++i) {
    // The range grows and shrinks, so that the table does.
    const std::uint64_t range = (i / 20'000) % 2 == 0 ? 3000 : 20;
    const Identity id{Id(static_cast<std::uint32_t>(random->Below(range))),
                      static_cast<std::uint32_t>(random->Below(2))};
    if (random->Below(2) == 0) {
      ASSERT_EQ(ids.Insert(id), expected.insert(id).second);
    } else {
      ids.Erase(id);
      expected.erase(id);
    }
    ASSERT_EQ(ids.Contains(id), expected.count(id) > 0);
    ASSERT_EQ(ids.size(), expected.size());
  }
  for (std::uint32_t i = 0; i < 3000; ++i) {
    ASSERT_EQ(ids.Contains({Id(i), 0}), expected.count({Id(i), 0}) > 0);
  }
}

TEST(Ring, AgreesWithADequeWhileItGrowsAndShrinks) {
  const auto random = SeededRandom(4);
  Ring<int> ring;
  std::deque<int> expected;
  for (int i = 0; i < 100'000; ++i) {
    const bool growing = (i / 5000) % 2 == 0;
    if (expected.empty() || random->Below(10) < (growing ? 7U : 3U)) {
      ring.push_back(i);
      expected.push_back(i);
    } else {
      ring.pop_front();
      expected.pop_front();
    }
    ASSERT_EQ(ring.size(), expected.size());
    if (expected.empty()) continue;
    ASSERT_EQ(ring.front(), expected.front());
    ASSERT_EQ(ring.back(), expected.back());
    const std::size_t at = random->Below(expected.size());
    ASSERT_EQ(ring[at], expected[at]);
  }
}

/// Sizes between which a structure under test goes up and down: it has to grow, to shrink, and to
/// come by its end.
constexpr std::array<std::size_t, 6> kSizes = {3000, 0, 600, 40, 5000, 0};

TEST(SortedBlocks, AgreesWithAStandardMultisetWhileItGrowsAndShrinks) {
  // A few numbers often, or nearly as many as there are.
  for (const std::uint64_t range : {5U, 300U, 1'000'000U}) {
    const auto random = SeededRandom(range);
    SortedBlocks blocks;
    std::multiset<double> expected;
    for (const std::size_t size : kSizes) {
      while (expected.size() != size) {
        const auto number = static_cast<double>(random->Below(range)) - 2.5;
        const bool grows = expected.size() < size;
        const auto found = expected.lower_bound(number);
        if (expected.empty() || random->Below(10) < (grows ? 8U : 2U)) {
          blocks.Insert(number);
          expected.insert(number);
        } else if (found != expected.end()) {
          blocks.Erase(*found);
          expected.erase(found);
        }
        ASSERT_EQ(blocks.size(), expected.size());
        if (expected.empty() || random->Below(20) != 0) continue;
        const std::size_t rank = random->Below(expected.size());
        ASSERT_EQ(blocks.At(rank), *std::next(expected.begin(), static_cast<std::ptrdiff_t>(rank)));
      }
    }
  }
}

TEST(SortedBlocks, TakesNumbersInOrderAndTheOtherWayRound) {
  constexpr int kCount = 3000;
  for (const int sign : {1, -1}) {
    SortedBlocks blocks;
    for (int i = 0; i < kCount; ++i) blocks.Insert(sign * i);
    for (std::size_t rank = 0; rank < kCount; ++rank) {
      const auto place = static_cast<int>(rank);
      ASSERT_EQ(blocks.At(rank), sign > 0 ? place : place - kCount + 1);
    }
    // Out in the order in which they came, as from a window.
    for (int i = 0; i < kCount; ++i) {
      ASSERT_EQ(blocks.At(sign > 0 ? 0 : blocks.size() - 1), sign * i);
      blocks.Erase(sign * i);
    }
    EXPECT_EQ(blocks.size(), 0U);
  }
}

TEST(DistinctWindow, AgreesWithCountingAnewWhileItGrowsAndShrinks) {
  for (const std::uint64_t range : {1U, 40U, 100'000U}) {
    const auto random = SeededRandom(range);
    DistinctWindow window;
    std::deque<std::string> expected;
    std::map<std::string, int> counts;
    for (const std::size_t size : kSizes) {
      while (expected.size() != size) {
        const bool grows = expected.size() < size;
        if (expected.empty() || random->Below(10) < (grows ? 8U : 2U)) {
          // Some too long to be kept inside of a std::string.
          const std::uint64_t number = random->Below(range);
          expected.push_back(std::string(number % 40, 'x') + std::to_string(number));
          window.Add(expected.back());
          ++counts[expected.back()];
        } else {
          window.RemoveOldest();
          const auto oldest = counts.find(expected.front());
          if (--oldest->second == 0) counts.erase(oldest);
          expected.pop_front();
        }
        ASSERT_EQ(window.size(), expected.size());
        ASSERT_EQ(window.distinct(), counts.size());
      }
    }
  }
}

TEST(RankWindow, PercentileIsTheNearestRank) {
  for (const auto& [percentile, value] : std::vector<std::pair<double, double>>{
           {0, 15}, {5, 15}, {20, 15}, {20.1, 20}, {40, 20}, {50, 35}, {80, 40}, {100, 50}}) {
    RankWindow window(percentile);
    for (const double number : {50.0, 15.0, 40.0, 20.0, 35.0}) window.Add(number);
    EXPECT_EQ(window.Percentile(), value) << percentile;
  }
}

TEST(RankWindow, MedianIsTheMeanOfTheTwoInTheMiddle) {
  RankWindow window(50);
  window.Add(1);
  window.Add(4);
  EXPECT_EQ(window.Median(), 2.5);
  window.Add(10);
  EXPECT_EQ(window.Median(), 4);
  window.Remove(1);
  EXPECT_EQ(window.Median(), 7);
}

TEST(GroupKey, DifferentTuplesDifferAndComeBack) {
  const std::vector<std::vector<std::string>> tuples = {
      {}, {""}, {"", ""}, {"a", "b"}, {"ab"}, {"1:a"}, {"-"}, {std::string("\0:", 2), "ü"}};
  std::set<std::string> keys;
  for (const auto& tuple : tuples) {
    GroupKeyBuilder builder;
    for (const auto& value : tuple) builder.Append(value);
    const std::string key = builder.Take();
    EXPECT_TRUE(keys.insert(key).second) << key;
    EXPECT_EQ(DecodeGroupKey(key), tuple);
  }
}

TEST(GroupKey, MalformedKeysEndTheTuple) {
  EXPECT_THAT(DecodeGroupKey("1:a5:b"), ElementsAre("a"));
  EXPECT_THAT(DecodeGroupKey("1:ax"), ElementsAre("a"));
  EXPECT_THAT(DecodeGroupKey("1:a99999999999999999999:b"), ElementsAre("a"));
  EXPECT_THAT(DecodeGroupKey("7"), ElementsAre());
}

TEST(GroupKey, LongValuesAreCutBetweenCharacters) {
  std::string text = "x";
  while (text.size() < 2000) text += "é";
  const std::string cut = Shorten(text);
  EXPECT_EQ(cut.substr(0, 447), text.substr(0, 447));
  EXPECT_EQ(cut.substr(447, 3), "…");
  EXPECT_NE(cut, Shorten(text + "é"));
  EXPECT_EQ(Shorten(std::string(512, 'x')).size(), 512U);
}

TEST(SlotCondition, SelectorsCountTheirChildrenOrAllSlots) {
  sigma::Condition selector;
  selector.kind = sigma::Condition::Kind::kSelector;
  selector.name = "them";
  selector.quantity = 2;
  const auto only = [](std::vector<std::uint32_t> seen) {
    return [seen = std::move(seen)](std::uint32_t slot) {
      return std::count(seen.begin(), seen.end(), slot) > 0;
    };
  };
  EXPECT_FALSE(SlotCondition(selector, 3).Holds(only({1})));
  EXPECT_TRUE(SlotCondition(selector, 3).Holds(only({0, 2})));
  selector.quantity = 0;
  EXPECT_FALSE(SlotCondition(selector, 3).Holds(only({0, 2})));
  sigma::Condition child;
  child.name = "1";
  selector.children = {child};
  EXPECT_TRUE(SlotCondition(selector, 3).Holds(only({1})));
}

TEST(SlotCondition, ANameThatIsNoSlotNeverHolds) {
  for (const char* name : {"", "3", "x", "1x", "-1", "99999999999"}) {
    sigma::Condition condition;
    condition.name = name;
    EXPECT_FALSE(SlotCondition(condition, 3).Holds([](std::uint32_t) { return true; })) << name;
  }
}

}  // namespace
}  // namespace auditflow::correlate
