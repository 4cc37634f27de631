#include "src/rabbitmq/outbox.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/rabbitmq/make_message.hpp"

namespace auditflow::rabbitmq {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;

std::shared_ptr<Batch> BatchOf(const std::vector<std::string>& bodies) {
  auto batch = std::make_shared<Batch>();
  for (const std::string& body : bodies) batch->messages.push_back(MakeMessage(body));
  return batch;
}

std::vector<std::string> Take(Outbox& outbox, std::size_t count = 100, std::size_t bytes = 1000,
                              Duration now = {}) {
  std::vector<std::string> bodies;
  for (const Item& item : outbox.Take(count, bytes, now)) bodies.push_back(item.message().body);
  return bodies;
}

TEST(Outbox, GivesItemsInOrderUpToACount) {
  Outbox outbox;
  outbox.Push(BatchOf({"a", "b"}));
  outbox.Push(BatchOf({"c"}));
  EXPECT_THAT(Take(outbox, 2), ElementsAre("a", "b"));
  EXPECT_THAT(Take(outbox, 2), ElementsAre("c"));
  EXPECT_THAT(Take(outbox, 2), IsEmpty());
}

TEST(Outbox, StopsAtItsBytesButGivesALargeOneAlone) {
  Outbox outbox;
  outbox.Push(BatchOf({"large one", "b", "c"}));
  EXPECT_THAT(Take(outbox, 9, 2), ElementsAre("large one"));
  EXPECT_THAT(Take(outbox, 9, 2), ElementsAre("b", "c"));
}

TEST(Outbox, WhatWasUnconfirmedGoesFirst) {
  Outbox outbox;
  outbox.Push(BatchOf({"new"}));
  const auto old = BatchOf({"old 1", "old 2"});
  outbox.PushFront({{old, 0}, {old, 1}});
  EXPECT_THAT(Take(outbox), ElementsAre("old 1", "old 2", "new"));
}

TEST(Outbox, RefusedItemsWaitForTheirTime) {
  Outbox outbox;
  EXPECT_EQ(outbox.UntilDue(seconds(0)), std::nullopt);
  const auto batch = BatchOf({"refused"});
  outbox.PushRefused({batch, 0}, seconds(10));
  EXPECT_THAT(Take(outbox, 9, 99, seconds(9)), IsEmpty());
  EXPECT_EQ(outbox.UntilDue(seconds(9)), seconds(1));
  EXPECT_EQ(outbox.UntilDue(seconds(11)), Duration::zero());
  EXPECT_THAT(Take(outbox, 9, 99, seconds(10)), ElementsAre("refused"));
  EXPECT_EQ(outbox.size(), 0U);
}

TEST(Outbox, NobodyGetsWhatWasGivenUp) {
  Outbox outbox;
  const auto abandoned = BatchOf({"a", "b"});
  outbox.Push(abandoned);
  outbox.Push(BatchOf({"c"}));
  outbox.PushRefused({abandoned, 0}, seconds(1));
  abandoned->abandoned = true;
  EXPECT_THAT(Take(outbox, 1), ElementsAre("c"));
  outbox.DropAbandoned();
  EXPECT_EQ(outbox.size(), 0U);
  EXPECT_EQ(abandoned.use_count(), 1) << "its memory is free";
}

}  // namespace
}  // namespace auditflow::rabbitmq
