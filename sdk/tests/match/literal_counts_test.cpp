#include "src/match/literal_counts.hpp"

#include <string>

#include <gtest/gtest.h>

namespace auditflow::match {
namespace {

TEST(LiteralCounts, KnowNothingAtFirstAndThenTakeTheFirstOffset) {
  const LiteralCounts counts;
  EXPECT_EQ(counts.ShareOf("ab"), 0);
  EXPECT_EQ(counts.ShareOf("abcd"), 0);
  EXPECT_EQ(counts.RarestOffset("abcdef", 3), 0U);
  EXPECT_EQ(counts.RarestOffset("abcdef", 2, 1, 2), 1U);
}

TEST(LiteralCounts, TellTheShareOfPairs) {
  LiteralCounts counts;
  counts.Add("abab");  // ab twice, ba once
  counts.Add("c");     // no pair
  EXPECT_DOUBLE_EQ(counts.ShareOf("ab"), 2.0 / 3);
  EXPECT_DOUBLE_EQ(counts.ShareOf("ba"), 1.0 / 3);
  EXPECT_DOUBLE_EQ(counts.ShareOf("aa"), 0);
}

TEST(LiteralCounts, TakeARunOfThreeForAChainOfPairs) {
  LiteralCounts counts;
  counts.Add("xab");  // xa, ab
  counts.Add("bay");  // ba, ay
  // Half of what follows an a is b: xab is no more likely than a chain of xa and ab, and bab, which
  // stands nowhere, is as likely.
  EXPECT_DOUBLE_EQ(counts.ShareOf("xab"), 0.25 * 0.5);
  EXPECT_DOUBLE_EQ(counts.ShareOf("bab"), 0.25 * 0.5);
  EXPECT_DOUBLE_EQ(counts.ShareOf("yab"), 0);
  EXPECT_DOUBLE_EQ(counts.ShareOf("xby"), 0);
}

TEST(LiteralCounts, KnowCommonRunsOfFourByTheirOwnCount) {
  LiteralCounts counts;
  for (int i = 0; i < 9; ++i) counts.Add("exe.");
  counts.Add("ex..");
  counts.Add("xe.e");
  // As a chain it is less likely: .e follows, and other bytes than e stand before a point.
  EXPECT_DOUBLE_EQ(counts.ShareOf("exe."), 9.0 / 11);
}

TEST(LiteralCounts, NameTheRarestRunOfANeedle) {
  LiteralCounts counts;
  for (int i = 0; i < 100; ++i) counts.Add("authentication client");
  counts.Add("kiwi");
  EXPECT_EQ(counts.RarestOffset("ntikiwi", 3), 1U) << "no k follows an i";
  EXPECT_EQ(counts.RarestOffset("ntiwi", 3), 1U) << "a w seldom does";
  // By runs of four bytes "ntik" would be as rare as "kiwi" is.
  EXPECT_GT(counts.ShareOf("nti"), 10 * counts.ShareOf("kiw"));
}

TEST(LiteralCounts, LookOnlyAtTheOffsetsThatAreAskedFor) {
  LiteralCounts counts;
  for (int i = 0; i < 10; ++i) counts.Add("abcdabcd");
  counts.Add("zz");
  EXPECT_EQ(counts.RarestOffset("abzzab", 2, 0, 2), 2U);
  EXPECT_EQ(counts.RarestOffset("abzzab", 2, 0, 4), 0U);
}

}  // namespace
}  // namespace auditflow::match
