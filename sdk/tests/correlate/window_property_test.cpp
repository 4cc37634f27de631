#include <cstdint>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "auditflow/correlate/window_store.hpp"

#include "tests/correlate/store_test_support.hpp"
#include "tests/correlate/window_scenario.hpp"

namespace auditflow::correlate {
namespace {

using sigma::CorrelationType;

constexpr int kStreamsPerType = 400;
constexpr int kOrdersPerStream = 4;

class WindowPropertyTest : public testing::TestWithParam<CorrelationType> {};

TEST_P(WindowPropertyTest, InOrderItAgreesWithTheNaiveReference) {
  std::size_t fired = 0;
  for (std::uint64_t seed = 0; seed < kStreamsPerType; ++seed) {
    Scenario scenario(GetParam(), seed);
    const auto stream = scenario.InOrder();
    const Groups expected = scenario.Expected(stream);
    const Groups actual = scenario.Run(stream);
    for (const auto& [group, firings] : actual) fired += firings.size();
    ASSERT_TRUE(Same(actual, expected)) << "seed " << seed << "\n"
                                        << Describe(actual) << "expected\n"
                                        << Describe(expected);
  }
  EXPECT_GT(fired, 1000U);
}

TEST_P(WindowPropertyTest, AnyOrderOfArrivalWithinTheLatenessGivesTheSameFirings) {
  for (std::uint64_t seed = 0; seed < kStreamsPerType; ++seed) {
    Scenario scenario(GetParam(), seed);
    const auto stream = scenario.InOrder();
    const Groups in_order = scenario.Run(stream);
    for (int order = 0; order < kOrdersPerStream; ++order) {
      const auto delayed = scenario.Delayed(stream);
      const Groups actual = scenario.Run(delayed);
      const Groups expected = scenario.Expected(delayed);
      ASSERT_TRUE(Same(actual, expected)) << "seed " << seed << "\n"
                                          << Describe(actual) << "expected\n"
                                          << Describe(expected);
      // Ordered rules keep the order of arrival at equal times.
      if (GetParam() == CorrelationType::kTemporalOrdered && scenario.has_ties()) continue;
      ASSERT_TRUE(Same(actual, in_order)) << "seed " << seed;
    }
  }
}

TEST_P(WindowPropertyTest, DuplicatesChangeNothing) {
  for (std::uint64_t seed = 0; seed < kStreamsPerType; ++seed) {
    Scenario scenario(GetParam(), seed);
    const auto delayed = scenario.Delayed(scenario.InOrder());
    const Groups once = scenario.Run(delayed);
    const Groups often = scenario.Run(scenario.WithDuplicates(delayed));
    ASSERT_TRUE(Same(often, once)) << "seed " << seed << "\n"
                                   << Describe(often) << "expected\n"
                                   << Describe(once);
  }
}

TEST_P(WindowPropertyTest, LateEventsTakeNoPart) {
  for (std::uint64_t seed = 0; seed < kStreamsPerType; ++seed) {
    Scenario scenario(GetParam(), seed);
    const auto shuffled = scenario.Shuffled(scenario.InOrder());
    const Groups actual = scenario.Run(shuffled);
    const Groups expected = scenario.Expected(shuffled);
    ASSERT_TRUE(Same(actual, expected)) << "seed " << seed << "\n"
                                        << Describe(actual) << "expected\n"
                                        << Describe(expected);
  }
}

INSTANTIATE_TEST_SUITE_P(Windows, WindowPropertyTest, EveryType(), NameOfType);

}  // namespace
}  // namespace auditflow::correlate
