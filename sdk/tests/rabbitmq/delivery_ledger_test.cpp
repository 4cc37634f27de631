#include "src/rabbitmq/delivery_ledger.hpp"

#include <map>
#include <set>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "auditflow/core/random.hpp"

#include "tests/rabbitmq/make_message.hpp"

namespace auditflow::rabbitmq {
namespace {

using Standing = DeliveryLedger::Standing;
using testing::ElementsAre;
using testing::IsEmpty;

/// Adds and hands out `count` deliveries. @return their tags.
std::vector<std::uint64_t> Deliver(DeliveryLedger& ledger, std::size_t count) {
  std::vector<std::uint64_t> tags;
  for (std::size_t i = 0; i < count; ++i) tags.push_back(ledger.Add({}));
  ledger.HandOut(count);
  return tags;
}

TEST(DeliveryLedger, AcknowledgesTheSettledPrefixAsOne) {
  DeliveryLedger ledger;
  Deliver(ledger, 5);
  for (const std::uint64_t tag : {1U, 2U, 4U}) ledger.Acknowledge(tag);
  EXPECT_THAT(ledger.TakePrefix(), ElementsAre(AckFrame{2, true}));
  EXPECT_THAT(ledger.TakePrefix(), IsEmpty());
  ledger.Acknowledge(3);
  EXPECT_THAT(ledger.TakePrefix(), ElementsAre(AckFrame{4, true}));
  EXPECT_EQ(ledger.pending(), 0U);
  EXPECT_EQ(ledger.unsettled(), 1U);
}

TEST(DeliveryLedger, AcknowledgesBehindAnUnsettledOneEachByItself) {
  DeliveryLedger ledger;
  Deliver(ledger, 5);
  for (const std::uint64_t tag : {1U, 3U, 5U}) ledger.Acknowledge(tag);
  EXPECT_THAT(ledger.TakeAll(),
              ElementsAre(AckFrame{1, true}, AckFrame{3, false}, AckFrame{5, false}));
  EXPECT_THAT(ledger.TakeAll(), IsEmpty());
  ledger.Acknowledge(2);
  EXPECT_THAT(ledger.TakeAll(), ElementsAre(AckFrame{2, true}));
}

TEST(DeliveryLedger, RequeuedDeliveriesDoNotHoldThePrefixUp) {
  DeliveryLedger ledger;
  Deliver(ledger, 3);
  EXPECT_EQ(ledger.Requeue(1), 1U);
  EXPECT_THAT(ledger.TakePrefix(), IsEmpty());
  ledger.Acknowledge(2);
  EXPECT_EQ(ledger.Requeue(3), 3U);
  EXPECT_THAT(ledger.TakePrefix(), ElementsAre(AckFrame{2, true}));
}

TEST(DeliveryLedger, NothingOfASettledDeliveryIsLeftInALaterOne) {
  DeliveryLedger ledger;
  broker::Message first = MakeMessage("a long body that no string holds by itself", "first");
  first.headers = {{"key", "value"}};
  ledger.Add(first, 7);
  ledger.Add({});
  ledger.HandOut(2);
  ledger.Acknowledge(1);
  ledger.Add(MakeMessage("short", ""));
  ledger.HandOut(1);
  EXPECT_EQ(ledger.At(3).message.body, "short");
  EXPECT_EQ(ledger.At(3).message.message_id, "");
  EXPECT_TRUE(ledger.At(3).message.headers.empty());
  EXPECT_EQ(ledger.At(3).attempts, 1U);
}

TEST(DeliveryLedger, TellsGivenTagsFromOthers) {
  DeliveryLedger ledger;
  Deliver(ledger, 1);
  ledger.Add({});
  EXPECT_EQ(ledger.Look(0), Standing::kNeverGiven);
  EXPECT_EQ(ledger.Look(1), Standing::kUnsettled);
  EXPECT_EQ(ledger.Look(2), Standing::kNeverGiven) << "not handed out yet";
  EXPECT_EQ(ledger.Look(3), Standing::kNeverGiven);
  ledger.Acknowledge(1);
  EXPECT_EQ(ledger.Look(1), Standing::kSettled);
  ledger.TakePrefix();
  EXPECT_EQ(ledger.Look(1), Standing::kSettled);
}

TEST(DeliveryLedger, AReservedDeliveryIsNobodyElses) {
  DeliveryLedger ledger;
  Deliver(ledger, 2);
  ledger.Reserve(1);
  EXPECT_EQ(ledger.Look(1), Standing::kSettled);
  ledger.Acknowledge(2);
  EXPECT_THAT(ledger.TakePrefix(), IsEmpty()) << "it is not done yet";
  ledger.Release(1, /*acknowledge=*/false);
  EXPECT_EQ(ledger.Look(1), Standing::kUnsettled);
  ledger.Reserve(1);
  ledger.Release(1, /*acknowledge=*/true);
  EXPECT_THAT(ledger.TakePrefix(), ElementsAre(AckFrame{2, true}));
}

TEST(DeliveryLedger, ANewChannelForgetsAndCountsItsOwnTagsFromOne) {
  DeliveryLedger ledger;
  for (const char* id : {"a", "b", "c", "d"}) ledger.Add(MakeMessage("", id), 2);
  ledger.HandOut(3);
  ledger.Acknowledge(1);
  ledger.Reserve(3);
  const std::vector<DeliveryLedger::Kept> lost = ledger.NewChannel();
  ASSERT_EQ(lost.size(), 1U) << "handed out, and neither settled nor reserved";
  EXPECT_EQ(lost[0].message.message_id, "b");
  ledger.Release(3, true);
  EXPECT_EQ(ledger.Look(2), Standing::kSettled);
  EXPECT_EQ(ledger.pending(), 0U);
  EXPECT_EQ(ledger.unsettled(), 0U);
  EXPECT_EQ(ledger.NextBrokerTag(), 1U);
  EXPECT_THAT(Deliver(ledger, 1), ElementsAre(5U));
  ledger.Acknowledge(5);
  EXPECT_THAT(ledger.TakePrefix(), ElementsAre(AckFrame{1, true}));
}

TEST(DeliveryLedger, KeepsWhatADeadLetterNeeds) {
  DeliveryLedger ledger;
  ledger.Add(MakeMessage("body", "id"), 3);
  ledger.HandOut(1);
  EXPECT_EQ(ledger.At(1).message.body, "body");
  EXPECT_EQ(ledger.At(1).attempts, 3U);
}

/// A consumer and its broker, both as simple as can be, which take random steps.
class Model {
 public:
  explicit Model(std::uint64_t seed) : random_(SeededRandom(seed)) {}

  void Step() {
    switch (random_->Below(10)) {
      case 0:
      case 1:
      case 2:
        return Arrive();
      case 3:
        return Send(ledger_.TakePrefix());
      case 4:
        return random_->Below(8) == 0 ? Reconnect() : Send(ledger_.TakeAll());
      default:
        return SettleOne();
    }
  }
  /// Everything acknowledged has reached the broker, and nothing else has.
  void Check() {
    Send(ledger_.TakeAll());
    EXPECT_EQ(at_broker_, held_);
    EXPECT_EQ(ledger_.pending(), 0U);
    EXPECT_EQ(ledger_.unsettled(), held_.size());
  }

 private:
  void Arrive() {
    const std::uint64_t broker_tag = ledger_.NextBrokerTag();
    EXPECT_EQ(broker_tag, ++last_broker_tag_);
    const std::uint64_t tag = ledger_.Add({});
    ledger_.HandOut(1);
    EXPECT_TRUE(ever_.insert(tag).second) << "tag " << tag << " was given before";
    at_broker_[broker_tag] = tag;
    held_[broker_tag] = tag;
  }
  void SettleOne() {
    if (held_.empty()) return;
    auto at = held_.begin();
    std::advance(at, random_->Below(held_.size()));
    if (random_->Below(4) == 0) {
      EXPECT_EQ(ledger_.Requeue(at->second), at->first);
      at_broker_.erase(at->first);
    } else {
      ledger_.Acknowledge(at->second);
    }
    held_.erase(at);
  }
  void Send(const std::vector<AckFrame>& frames) {
    for (const AckFrame& frame : frames) {
      auto at = frame.multiple ? at_broker_.begin() : at_broker_.find(frame.broker_tag);
      ASSERT_NE(at, at_broker_.end()) << "the broker would close the channel";
      const auto end = at_broker_.upper_bound(frame.broker_tag);
      while (at != end) {
        EXPECT_FALSE(held_.contains(at->first)) << "acknowledged, but not settled";
        at = at_broker_.erase(at);
      }
    }
  }
  void Reconnect() {
    ledger_.NewChannel();
    at_broker_.clear();
    held_.clear();
    last_broker_tag_ = 0;
  }

  std::unique_ptr<RandomSource> random_;
  DeliveryLedger ledger_;
  std::map<std::uint64_t, std::uint64_t> at_broker_;  ///< broker's tag → ours
  std::map<std::uint64_t, std::uint64_t> held_;       ///< of these, not settled by the consumer
  std::set<std::uint64_t> ever_;
  std::uint64_t last_broker_tag_ = 0;
};

TEST(DeliveryLedger, RandomHistoriesAcknowledgeExactlyWhatWasSettled) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    Model model(seed);
    for (int step = 0; step < 200; ++step) model.Step();
    model.Check();
    if (testing::Test::HasFailure()) FAIL() << "seed " << seed;
  }
}

}  // namespace
}  // namespace auditflow::rabbitmq
