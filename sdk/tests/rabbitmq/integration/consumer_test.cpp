#include <map>
#include <set>

#include <gmock/gmock.h>

#include "tests/rabbitmq/integration/test_server.hpp"

namespace auditflow::rabbitmq {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::Contains;
using testing::ElementsAre;
using testing::Pair;

class RabbitMqConsuming : public RabbitMqTest {
 protected:
  [[nodiscard]] std::unique_ptr<RabbitMqConsumer> DeadLetters() const {
    return ReadyConsumer(ForDeadLetters(consumer_options()));
  }
};

TEST_F(RabbitMqConsuming, GathersAcknowledgements) {
  const auto publisher = ReadyPublisher(publisher_options());
  ASSERT_TRUE(PublishNumbers(*publisher, 0, 1000).ok());
  const auto consumer = ReadyConsumer(consumer_options());
  for (int i = 0; i < 1000; ++i) {
    ASSERT_TRUE(consumer->Ack(TagsOf(TakeAll(*consumer, 1))).ok());
  }
  consumer->Shutdown();
  EXPECT_EQ(consumer->GetStatistics().acknowledged, 1000U);
  EXPECT_LT(consumer->GetStatistics().ack_frames, 250U);
  const auto next = ReadyConsumer(consumer_options());
  EXPECT_TRUE(next->Receive(1, milliseconds(100))->empty());
}

TEST_F(RabbitMqConsuming, OneUnsettledDeliveryDoesNotHoldUpTheRest) {
  const auto publisher = ReadyPublisher(publisher_options());
  ASSERT_TRUE(PublishNumbers(*publisher, 0, 100).ok());
  ConsumerOptions options = consumer_options();
  options.prefetch = 10;
  const auto consumer = ReadyConsumer(options);
  const auto held = TakeAll(*consumer, 1);
  for (int i = 1; i < 100; ++i) {
    ASSERT_TRUE(consumer->Ack(TagsOf(TakeAll(*consumer, 1))).ok());
  }
  consumer->Shutdown();
  EXPECT_THAT(BodiesOf(TakeAll(*ReadyConsumer(consumer_options()), 1)),
              ElementsAre(held[0].message.body));
}

TEST_F(RabbitMqConsuming, DeadLettersWhatIsDeliveredTooOften) {
  const auto publisher = ReadyPublisher(publisher_options());
  ASSERT_TRUE(PublishNumbers(*publisher, 0, 1).ok());
  ConsumerOptions options = consumer_options();
  options.max_attempts = 3;
  const auto consumer = ReadyConsumer(options);
  for (std::uint32_t attempt = 1; attempt <= 3; ++attempt) {
    const auto got = TakeAll(*consumer, 1);
    ASSERT_EQ(got.size(), 1U);
    EXPECT_EQ(got[0].attempts, attempt);
    ASSERT_TRUE(consumer->Requeue(TagsOf(got)).ok());
  }
  Eventually([&] {
    const auto got = consumer->Receive(1, milliseconds(20));
    EXPECT_TRUE(got.has_value() && got->empty());
    return consumer->GetStatistics().too_many_attempts == 1;
  });
  ASSERT_TRUE(PublishNumbers(*publisher, 1, 2).ok());
  EXPECT_THAT(BodiesOf(TakeAll(*consumer, 1)), ElementsAre("1"));
  const auto dead = TakeAll(*DeadLetters(), 1);
  ASSERT_EQ(dead.size(), 1U);
  EXPECT_EQ(dead[0].message.body, "0");
  EXPECT_THAT(
      dead[0].message.headers,
      Contains(Pair("x-auditflow-reason", "delivered 3 times and never settled, the limit is 3")));
  EXPECT_THAT(dead[0].message.headers, Contains(Pair("x-auditflow-attempts", "4")));
  EXPECT_THAT(dead[0].message.headers, Contains(Pair("x-auditflow-queue", queue_)));
}

TEST_F(RabbitMqConsuming, OnlyThePoisonEndsUpDead) {
  const auto publisher = ReadyPublisher(publisher_options());
  ASSERT_TRUE(PublishNumbers(*publisher, 0, 100).ok());
  const auto consumer = ReadyConsumer(consumer_options());
  for (const broker::Delivery& delivery : TakeAll(*consumer, 100)) {
    if (delivery.message.body == "42") {
      ASSERT_TRUE(consumer->DeadLetter(delivery.tag, "poison").ok());
    } else {
      ASSERT_TRUE(consumer->Ack({&delivery.tag, 1}).ok());
    }
  }
  consumer->Shutdown();
  EXPECT_TRUE(ReadyConsumer(consumer_options())->Receive(1, milliseconds(100))->empty());
  EXPECT_THAT(BodiesOf(TakeAll(*DeadLetters(), 1)), ElementsAre("42"));
}

TEST_F(RabbitMqConsuming, WhatCannotBeDeadLetteredComesAgain) {
  const std::string dead = queue_ + ".dead-letter";
  ConsumerOptions options = consumer_options();
  options.dead_letter_timeout = milliseconds(300);
  const auto consumer = ReadyConsumer(options);
  server().Ctl({"set_policy", "--apply-to", "queues", queue_, "^" + dead + "$",
                R"({"max-length":0,"overflow":"reject-publish"})"});
  ASSERT_TRUE(PublishNumbers(*ReadyPublisher(publisher_options()), 0, 1).ok());
  Status failed;
  std::uint32_t last_attempts = 0;
  for (int i = 0; i < 2; ++i) {
    const auto got = TakeAll(*consumer, 1);
    ASSERT_EQ(got.size(), 1U);
    EXPECT_GT(got[0].attempts, last_attempts);
    last_attempts = got[0].attempts;
    failed = consumer->DeadLetter(got[0].tag, "why");
    EXPECT_EQ(failed.code(), StatusCode::kResourceExhausted) << failed.ToString();
  }
  server().Ctl({"clear_policy", queue_});
  const auto got = TakeAll(*consumer, 1);
  ASSERT_EQ(got.size(), 1U);
  Eventually([&] {
    // The broker applies policies in its own time.
    return consumer->DeadLetter(got[0].tag, "why").ok();
  });
  TakeAll(*DeadLetters(), 1);
}

TEST_F(RabbitMqConsuming, AQuorumQueueCountsTheAttemptsOfConsumersThatDied) {
  PublisherOptions publishing = publisher_options();
  ConsumerOptions consuming = consumer_options();
  publishing.topology.kind = consuming.topology.kind = QueueKind::kQuorum;
  ASSERT_TRUE(PublishNumbers(*ReadyPublisher(publishing), 0, 1).ok());
  for (std::uint32_t attempt = 1; attempt <= 4; ++attempt) {
    const auto consumer = ReadyConsumer(consuming);
    const auto got = TakeAll(*consumer, 1);
    ASSERT_EQ(got.size(), 1U);
    EXPECT_EQ(got[0].attempts, attempt);
    EXPECT_TRUE(got[0].message.headers.empty()) << "the broker's count is no header of the message";
  }
}

TEST_F(RabbitMqConsuming, OutlivesTheDeletionOfItsQueue) {
  const auto consumer = ReadyConsumer(consumer_options());
  server().Ctl({"delete_queue", queue_});
  Eventually([&] { return consumer->GetStatistics().cancelled == 1; });
  Eventually([&] { return consumer->Health().connections == 2; });
  ASSERT_TRUE(PublishNumbers(*ReadyPublisher(publisher_options()), 0, 3).ok());
  EXPECT_THAT(BodiesOf(TakeAll(*consumer, 3)), ElementsAre("0", "1", "2"));
}

TEST_F(RabbitMqConsuming, WithoutADeadLetterQueueThereIsAnError) {
  ConsumerOptions options = consumer_options();
  options.topology.dead_letter_suffix.clear();
  const auto consumer = ReadyConsumer(options);
  ASSERT_TRUE(PublishNumbers(*ReadyPublisher(publisher_options()), 0, 1).ok());
  const auto got = TakeAll(*consumer, 1);
  ASSERT_EQ(got.size(), 1U);
  EXPECT_EQ(consumer->DeadLetter(got[0].tag, "why").code(), StatusCode::kFailedPrecondition);
  EXPECT_TRUE(consumer->Ack(TagsOf(got)).ok()) << "it is still unsettled";
  EXPECT_EQ(consumer->GetStatistics().acknowledged, 1U);
}

TEST_F(RabbitMqConsuming, PartitionsAreChosenByAFieldOfTheBody) {
  PublisherOptions publishing = publisher_options();
  publishing.topology.kind = QueueKind::kConsistentHash;
  publishing.topology.partitions = 4;
  publishing.topology.partition_fields = {"user_id"};
  std::vector<broker::Message> messages(200);
  for (std::size_t i = 0; i < messages.size(); ++i) {
    messages[i].message_id = std::to_string(i);
    messages[i].body = R"({"user_id":"user)" + std::to_string(i % 20) + R"("})";
  }
  ASSERT_TRUE(ReadyPublisher(publishing)->Publish(messages, seconds(30)).ok());
  ConsumerOptions consuming = consumer_options();
  consuming.topology = publishing.topology;
  std::map<std::string, std::set<std::uint32_t>> partitions_of_key;
  std::set<std::uint32_t> used;
  for (std::uint32_t partition = 0; partition < 4; ++partition) {
    consuming.own_partitions = {partition};
    const auto consumer = ReadyConsumer(consuming);
    for (auto got = consumer->Receive(500, milliseconds(500)); got && !got->empty();
         got = consumer->Receive(500, milliseconds(500))) {
      for (const broker::Delivery& delivery : *got) {
        partitions_of_key[delivery.message.body].insert(partition);
        used.insert(partition);
      }
    }
  }
  EXPECT_EQ(partitions_of_key.size(), 20U);
  EXPECT_GT(used.size(), 1U);
  for (const auto& [key, partitions] : partitions_of_key) EXPECT_EQ(partitions.size(), 1U) << key;
}

TEST_F(RabbitMqConsuming, PartitionsKeepTheOrderOfEachKey) {
  PublisherOptions publishing = publisher_options();
  publishing.topology.kind = QueueKind::kConsistentHash;
  publishing.topology.partitions = 4;
  const auto publisher = ReadyPublisher(publishing);
  std::vector<broker::Message> messages(400);
  for (std::size_t i = 0; i < messages.size(); ++i) {
    messages[i].body = messages[i].message_id = std::to_string(i);
    messages[i].headers.emplace_back("x-auditflow-partition", "user" + std::to_string(i % 20));
  }
  ASSERT_TRUE(publisher->Publish(messages, seconds(30)).ok());
  ConsumerOptions consuming = consumer_options();
  consuming.topology = publishing.topology;
  consuming.own_partitions = {0, 1};
  const auto first = ReadyConsumer(consuming);
  consuming.own_partitions = {2, 3};
  const auto second = ReadyConsumer(consuming);
  std::map<std::string, int> last_of_key;
  std::map<std::string, std::set<const void*>> consumers_of_key;
  std::size_t taken = 0;
  while (taken < messages.size()) {
    for (const auto* consumer : {&first, &second}) {
      const auto got = (*consumer)->Receive(50, milliseconds(50));
      ASSERT_TRUE(got.has_value());
      taken += got->size();
      for (const broker::Delivery& delivery : *got) {
        const std::string& key = delivery.message.headers.at(0).second;
        const int number = std::stoi(delivery.message.body);
        consumers_of_key[key].insert(consumer);
        const auto [at, is_new] = last_of_key.try_emplace(key, number);
        EXPECT_TRUE(is_new || at->second < number) << key;
        at->second = number;
      }
    }
  }
  EXPECT_EQ(consumers_of_key.size(), 20U);
  for (const auto& [key, consumers] : consumers_of_key) EXPECT_EQ(consumers.size(), 1U) << key;
  EXPECT_GT(first->GetStatistics().delivered, 0U);
  EXPECT_GT(second->GetStatistics().delivered, 0U);
}

}  // namespace
}  // namespace auditflow::rabbitmq
