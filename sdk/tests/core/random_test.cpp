#include "auditflow/core/random.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

#include "auditflow/core/backoff.hpp"

namespace auditflow {
namespace {

using namespace std::chrono_literals;

std::vector<std::uint64_t> Draw(RandomSource& random, std::size_t count) {
  std::vector<std::uint64_t> drawn(count);
  for (std::uint64_t& word : drawn) word = random.Next();
  return drawn;
}

/// Gives one word for ever.
class ConstantRandom final : public RandomSource {
 public:
  explicit ConstantRandom(std::uint64_t word) : word_(word) {}
  std::uint64_t Next() override { return word_; }

 private:
  std::uint64_t word_;
};

TEST(SeededRandom, GivesThePublishedSequenceOfSplitMix64) {
  EXPECT_EQ(
      Draw(*SeededRandom(1234567), 5),
      (std::vector<std::uint64_t>{6457827717110365317U, 3203168211198807973U, 9817491932198370423U,
                                  4593380528125082431U, 16408922859458223821U}));
}

TEST(SeededRandom, RepeatsWithTheSeedAndDiffersWithout) {
  EXPECT_EQ(Draw(*SeededRandom(42), 100), Draw(*SeededRandom(42), 100));
  EXPECT_NE(Draw(*SeededRandom(42), 100), Draw(*SeededRandom(43), 100));
}

TEST(SystemRandom, DiffersBetweenSourcesAndRefills) {
  EXPECT_NE(Draw(*SystemRandom(), 100), Draw(*SystemRandom(), 100));
}

TEST(RandomSource, BelowStaysBelowAndReachesEveryValueEvenly) {
  const auto random = SeededRandom(3);
  std::array<int, 6> seen{};
  for (int i = 0; i < 60'000; ++i) ++seen[random->Below(6)];
  for (const int count : seen) EXPECT_NEAR(count, 10'000, 500);
  EXPECT_EQ(random->Below(0), 0U);
  EXPECT_EQ(random->Below(1), 0U);
}

TEST(RandomSource, UnitIsInTheHalfOpenInterval) {
  ConstantRandom highest(~std::uint64_t{0});
  ConstantRandom lowest(0);
  EXPECT_LT(highest.Unit(), 1.0);
  EXPECT_GT(highest.Unit(), 0.999999);
  EXPECT_EQ(lowest.Unit(), 0.0);
}

TEST(Backoff, TheLongestWaitDoublesUpToTheMaximum) {
  ConstantRandom highest(~std::uint64_t{0});
  Backoff backoff({.base = 50ms, .max = 300ms}, highest);
  for (const Duration cap : {50ms, 100ms, 200ms, 300ms, 300ms}) EXPECT_EQ(backoff.Next(), cap);
}

TEST(Backoff, JitterReachesDownToZeroAndSpreadsEvenly) {
  const auto random = SeededRandom(5);
  Backoff backoff({.base = 100ms, .max = 100ms}, *random);
  Duration sum{0};
  Duration shortest = 1h;
  Duration longest{0};
  for (int i = 0; i < 10'000; ++i) {
    const Duration wait = backoff.Next();
    ASSERT_GE(wait, 0ms);
    ASSERT_LE(wait, 100ms);
    sum += wait;
    shortest = std::min(shortest, wait);
    longest = std::max(longest, wait);
  }
  EXPECT_NEAR(static_cast<double>((sum / 10'000).count()), 50e6, 2e6);
  EXPECT_LT(shortest, 1ms);
  EXPECT_GT(longest, 99ms);
}

TEST(Backoff, ResetStartsAgainAtTheBase) {
  ConstantRandom highest(~std::uint64_t{0});
  Backoff backoff({.base = 50ms, .max = 5s}, highest);
  backoff.Next();
  backoff.Next();
  backoff.Reset();
  EXPECT_EQ(backoff.Next(), 50ms);
}

TEST(Backoff, NeverOverflowsHoweverOftenItIsAsked) {
  ConstantRandom highest(~std::uint64_t{0});
  Backoff backoff({.base = Duration(1), .max = Duration::max()}, highest);
  for (int i = 0; i < 200; ++i) ASSERT_GE(backoff.Next(), Duration(1));
  EXPECT_EQ(backoff.Next(), Duration::max());
}

TEST(Backoff, SenselessOptionsWaitNothing) {
  ConstantRandom highest(~std::uint64_t{0});
  EXPECT_EQ(Backoff({.base = -5ms, .max = -1ms}, highest).Next(), 0ms);
  EXPECT_EQ(Backoff({.base = 5s, .max = 1s}, highest).Next(), 1s);
}

}  // namespace
}  // namespace auditflow
