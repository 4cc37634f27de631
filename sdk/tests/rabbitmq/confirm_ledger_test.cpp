#include "src/rabbitmq/confirm_ledger.hpp"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/rabbitmq/make_message.hpp"

namespace auditflow::rabbitmq {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Item ItemWith(const std::string& id) {
  auto batch = std::make_shared<Batch>();
  batch->messages.push_back(MakeMessage("body of " + id, id));
  return {batch, 0};
}

/// A ledger in which the given ids were sent, as tags 1, 2, ….
ConfirmLedger Sent(const std::vector<std::string>& ids) {
  ConfirmLedger ledger;
  Duration at{0};
  for (const std::string& id : ids) ledger.Add(ItemWith(id), at += std::chrono::seconds(1));
  return ledger;
}

std::vector<std::string> IdsOf(const std::vector<Settled>& settled) {
  std::vector<std::string> ids;
  for (const Settled& each : settled) ids.push_back(each.item.message().message_id);
  return ids;
}

std::vector<std::string> IdsOf(const std::vector<Item>& items) {
  std::vector<std::string> ids;
  for (const Item& item : items) ids.push_back(item.message().message_id);
  return ids;
}

TEST(ConfirmLedger, TagsCountFromOne) {
  ConfirmLedger ledger;
  EXPECT_EQ(ledger.Add(ItemWith("a"), {}), 1U);
  EXPECT_EQ(ledger.Add(ItemWith("b"), {}), 2U);
  EXPECT_EQ(ledger.size(), 2U);
}

TEST(ConfirmLedger, ASingleAckSettlesOnlyItsTag) {
  ConfirmLedger ledger = Sent({"a", "b", "c"});
  EXPECT_THAT(IdsOf(ledger.Settle(2, false, true)), ElementsAre("b"));
  EXPECT_EQ(ledger.size(), 2U);
}

TEST(ConfirmLedger, MultipleAckSettlesEveryTagUpToIt) {
  ConfirmLedger ledger = Sent({"a", "b", "c", "d"});
  ledger.Settle(2, false, true);
  EXPECT_THAT(IdsOf(ledger.Settle(3, true, true)), ElementsAre("a", "c"));
  EXPECT_THAT(IdsOf(ledger.Settle(4, false, true)), ElementsAre("d"));
  EXPECT_EQ(ledger.size(), 0U);
}

TEST(ConfirmLedger, TagZeroWithMultipleMeansAll) {
  ConfirmLedger ledger = Sent({"a", "b"});
  EXPECT_THAT(IdsOf(ledger.Settle(0, true, true)), ElementsAre("a", "b"));
}

TEST(ConfirmLedger, UnknownAndRepeatedTagsSettleNothing) {
  ConfirmLedger ledger = Sent({"a", "b"});
  ledger.Settle(1, false, true);
  EXPECT_THAT(ledger.Settle(1, false, true), IsEmpty());
  EXPECT_THAT(ledger.Settle(0, false, true), IsEmpty());
  EXPECT_THAT(ledger.Settle(3, true, true), IsEmpty());
  EXPECT_THAT(ledger.Settle(UINT64_MAX, true, false), IsEmpty());
  EXPECT_THAT(ConfirmLedger().Settle(0, true, true), IsEmpty());
  EXPECT_EQ(ledger.size(), 1U);
}

TEST(ConfirmLedger, AReturnTurnsTheAckThatFollowsIntoAFailure) {
  ConfirmLedger ledger = Sent({"a", "b"});
  ledger.MarkReturned("b");
  const std::vector<Settled> settled = ledger.Settle(2, true, true);
  ASSERT_EQ(settled.size(), 2U);
  EXPECT_EQ(settled[0].outcome, Outcome::kConfirmed);
  EXPECT_EQ(settled[1].outcome, Outcome::kReturned);
}

TEST(ConfirmLedger, ReturnsOfOneIdMeanItsMessagesInTheOrderOfSending) {
  ConfirmLedger ledger = Sent({"same", "same", "same"});
  ledger.MarkReturned("same");
  ledger.MarkReturned("same");
  ledger.MarkReturned("never sent");
  const std::vector<Settled> settled = ledger.Settle(3, true, true);
  ASSERT_EQ(settled.size(), 3U);
  EXPECT_EQ(settled[0].outcome, Outcome::kReturned);
  EXPECT_EQ(settled[1].outcome, Outcome::kReturned);
  EXPECT_EQ(settled[2].outcome, Outcome::kConfirmed);
}

TEST(ConfirmLedger, ANegativeConfirmIsARefusal) {
  ConfirmLedger ledger = Sent({"a", "b"});
  for (const Settled& settled : ledger.Settle(2, true, false)) {
    EXPECT_EQ(settled.outcome, Outcome::kRefused);
  }
}

TEST(ConfirmLedger, WhatIsUnsettledIsSentAgainInOrderAndTagsBeginAnew) {
  ConfirmLedger ledger = Sent({"a", "b", "c", "d"});
  ledger.Settle(2, false, true);
  ledger.MarkReturned("c");
  EXPECT_THAT(IdsOf(ledger.TakeAllForResend()), ElementsAre("a", "c", "d"));
  EXPECT_EQ(ledger.size(), 0U);
  EXPECT_EQ(ledger.Add(ItemWith("c"), {}), 1U);
  EXPECT_EQ(ledger.Settle(1, false, true).at(0).outcome, Outcome::kConfirmed);
}

TEST(ConfirmLedger, KnowsHowLongTheOldestWaits) {
  ConfirmLedger ledger = Sent({"a", "b", "c"});
  EXPECT_EQ(ledger.OldestSentAt(), std::chrono::seconds(1));
  ledger.Settle(1, false, true);
  EXPECT_EQ(ledger.OldestSentAt(), std::chrono::seconds(2));
  ledger.Settle(3, true, true);
  EXPECT_EQ(ledger.OldestSentAt(), Duration::zero());
}

}  // namespace
}  // namespace auditflow::rabbitmq
