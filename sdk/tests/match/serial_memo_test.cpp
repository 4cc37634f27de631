#include "src/match/serial_memo.hpp"

#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

namespace auditflow::match {
namespace {

using Memo = SerialMemo<std::uint32_t>;
using Serials = std::vector<std::uint64_t>;

TEST(SerialMemo, FindsWhatWasAddedForALayoutAndItsSerialsOnly) {
  Memo memo;
  const Serials serials = {3, 1, 2};
  EXPECT_EQ(memo.Find(7, serials), nullptr);
  memo.Add(7, serials, 5);
  ASSERT_NE(memo.Find(7, serials), nullptr);
  EXPECT_EQ(*memo.Find(7, serials), 5U);
  for (const Serials& others :
       {Serials{3, 1, 4}, {1, 3, 2}, {2, 1, 3}, {0, 1, 2}, {3, 1}, {3, 1, 2, 0}}) {
    EXPECT_EQ(memo.Find(7, others), nullptr);
  }
  EXPECT_EQ(memo.Find(8, serials), nullptr);
  memo.Add(7, serials, 9);
  EXPECT_EQ(*memo.Find(7, serials), 9U);
}

TEST(SerialMemo, RemembersALayoutWhoseFieldsNobodyAsksAbout) {
  Memo memo;
  memo.Add(1, {}, 4);
  ASSERT_NE(memo.Find(1, {}), nullptr);
  EXPECT_EQ(*memo.Find(1, {}), 4U);
  EXPECT_EQ(memo.Find(2, {}), nullptr);
}

TEST(SerialMemo, RemembersNothingOfMoreValuesThanItTakes) {
  Memo memo;
  const Serials most(Memo::kMostSerials, 1);
  memo.Add(1, most, 4);
  EXPECT_NE(memo.Find(1, most), nullptr);
  const Serials more(Memo::kMostSerials + 1, 1);
  memo.Add(1, more, 4);
  EXPECT_EQ(memo.Find(1, more), nullptr);
}

TEST(SerialMemo, TellsNothingFalseOfMoreCombinationsThanItRemembers) {
  Memo memo;
  std::size_t known = 0;
  for (std::uint32_t round = 0; round < 3; ++round) {
    for (std::uint32_t i = 0; i < 6'000; ++i) {
      const Serials serials(1 + i % Memo::kMostSerials, i);
      if (const std::uint32_t* found = memo.Find(1 + i % 50, serials)) {
        ASSERT_EQ(*found, i);
        ++known;
      }
      memo.Add(1 + i % 50, serials, i);
      ASSERT_EQ(*memo.Find(1 + i % 50, serials), i);
    }
  }
  EXPECT_LT(known, 12'000U);
}

TEST(SerialMemo, IsNotWorthAskingForAWhileAfterManyNewCombinations) {
  Memo memo;
  std::size_t asked = 0;
  for (std::uint64_t i = 0; i < 4'352; ++i) {
    if (!memo.IsWorthAsking()) continue;
    ++asked;
    ASSERT_EQ(memo.Find(1, Serials{i}), nullptr);
  }
  EXPECT_EQ(asked, 256U);
  // Then it is tried again, and is worth it if they are known.
  memo.Add(1, Serials{1}, 1);
  for (int i = 0; i < 4'352; ++i) {
    ASSERT_TRUE(memo.IsWorthAsking()) << i;
    ASSERT_NE(memo.Find(1, Serials{1}), nullptr);
  }
}

}  // namespace
}  // namespace auditflow::match
