#include "src/pipeline/recent_ids.hpp"

#include <map>

#include <gtest/gtest.h>

#include "auditflow/core/random.hpp"

namespace auditflow::pipeline {
namespace {

Uuid Number(std::uint32_t number) {
  Uuid::Bytes bytes{};
  for (std::size_t i = 0; i < 4; ++i) bytes[i] = static_cast<std::uint8_t>(number >> (8 * i));
  return Uuid(bytes);
}

TEST(IdTable, FindsWhatAMapFinds) {
  IdTable table;
  std::map<Uuid, std::uint64_t> expected;
  const auto random = SystemRandom();
  for (int round = 0; round < 20'000; ++round) {
    const Uuid id = Number(static_cast<std::uint32_t>(random->Below(5'000)));
    const auto at = expected.find(id);
    ASSERT_EQ(table.Find(id), at == expected.end() ? std::nullopt : std::optional(at->second));
    const std::uint64_t hash = random->Below(3);
    table.Put(id, hash);
    expected[id] = hash;
    ASSERT_EQ(table.size(), expected.size());
  }
}

TEST(IdTable, TheNilIdIsOneLikeOthers) {
  IdTable table;
  EXPECT_EQ(table.Find(Uuid()), std::nullopt);
  table.Put(Uuid(), 0);
  EXPECT_EQ(table.Find(Uuid()), 0U);
  EXPECT_EQ(table.size(), 1U);
  EXPECT_EQ(table.Find(Number(1)), std::nullopt);
  table.Clear();
  EXPECT_EQ(table.Find(Uuid()), std::nullopt);
}

TEST(IdTable, IsEmptyAfterClear) {
  IdTable table;
  for (std::uint32_t i = 1; i <= 1'000; ++i) table.Put(Number(i), i);
  table.Clear();
  EXPECT_EQ(table.size(), 0U);
  for (std::uint32_t i = 1; i <= 1'000; ++i) ASSERT_EQ(table.Find(Number(i)), std::nullopt);
}

TEST(RecentIds, KnowsAtLeastTheLastAndAtMostTwiceAsMany) {
  RecentIds recent(100);
  for (std::uint32_t i = 1; i <= 1'000; ++i) {
    recent.Add(Number(i), i);
    for (std::uint32_t last = i < 100 ? 1 : i - 99; last <= i; ++last) {
      ASSERT_EQ(recent.Find(Number(last)), last);
    }
    if (i > 200) {
      ASSERT_EQ(recent.Find(Number(i - 200)), std::nullopt);
    }
  }
}

}  // namespace
}  // namespace auditflow::pipeline
