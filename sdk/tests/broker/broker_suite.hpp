#pragma once

// What every implementation of Publisher and Consumer has to do, as tests with a parameter. A test
// program includes this once and instantiates it:
//
//   INSTANTIATE_TEST_SUITE_P(InProcess, BrokerSuite,
//                            testing::Values(BrokerSuiteParam{"in_process", &MakeHarness}),
//                            BrokerSuiteName);

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "auditflow/broker/broker.hpp"

namespace auditflow::broker {

/// One broker under test, with queues that no other test uses.
class BrokerHarness {
 public:
  virtual ~BrokerHarness() = default;
  virtual std::unique_ptr<Publisher> NewPublisher(const std::string& queue) = 0;
  virtual std::unique_ptr<Consumer> NewConsumer(const std::string& queue) = 0;
  /// The queue that dead letters of `queue` go to.
  virtual std::string DeadLetterQueue(const std::string& queue) = 0;
  /// How long a message that is on its way may take; it is not waited out when all is well.
  virtual Duration patience() const { return std::chrono::seconds(10); }
  /// How long to wait before believing that nothing comes.
  virtual Duration quiet() const = 0;
};

struct BrokerSuiteParam {
  std::string name;
  /// Nothing where there is no broker to test: each test is then skipped.
  std::function<std::unique_ptr<BrokerHarness>()> make;
};

inline std::string BrokerSuiteName(const testing::TestParamInfo<BrokerSuiteParam>& info) {
  return info.param.name;
}

inline Message MessageWith(std::string body, std::string id = "id") {
  Message message;
  message.body = std::move(body);
  message.message_id = std::move(id);
  return message;
}

inline std::vector<std::uint64_t> TagsOf(const std::vector<Delivery>& deliveries) {
  std::vector<std::uint64_t> tags;
  for (const Delivery& delivery : deliveries) tags.push_back(delivery.tag);
  return tags;
}

inline std::vector<std::string> BodiesOf(const std::vector<Delivery>& deliveries) {
  std::vector<std::string> bodies;
  for (const Delivery& delivery : deliveries) bodies.push_back(delivery.message.body);
  return bodies;
}

class BrokerSuite : public testing::TestWithParam<BrokerSuiteParam> {
 protected:
  void SetUp() override {
    if (harness_ == nullptr) GTEST_SKIP() << "there is no broker " << GetParam().name << " here";
  }
  void Publish(Publisher& publisher, const std::vector<std::string>& bodies) const {
    std::vector<Message> messages;
    for (const std::string& body : bodies)
      messages.push_back(MessageWith(body, "id-" + body.substr(0, 64)));
    const Status status = publisher.Publish(messages, harness_->patience());
    ASSERT_TRUE(status.ok()) << status.ToString();
  }
  /// Receives until there are `count`, or the broker's patience is at an end.
  std::vector<Delivery> Take(Consumer& consumer, std::size_t count) const {
    std::vector<Delivery> all;
    while (all.size() < count) {
      Result<std::vector<Delivery>> some =
          consumer.Receive(count - all.size(), harness_->patience());
      if (!some || some->empty()) break;
      std::move(some->begin(), some->end(), std::back_inserter(all));
    }
    EXPECT_EQ(all.size(), count);
    return all;
  }
  void ExpectNothing(Consumer& consumer) const {
    const auto some = consumer.Receive(10, harness_->quiet());
    ASSERT_TRUE(some.has_value()) << some.error().ToString();
    EXPECT_THAT(BodiesOf(*some), testing::IsEmpty());
  }

  const std::unique_ptr<BrokerHarness> harness_ = GetParam().make();
};

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(BrokerSuite);

TEST_P(BrokerSuite, LargeOnesComeFewAtATime) {
  const auto publisher = harness_->NewPublisher("large");
  const auto consumer = harness_->NewConsumer("large");
  constexpr std::size_t kCount = 5;
  Publish(*publisher, std::vector<std::string>(kCount, std::string(std::size_t{7} << 20U, 'x')));
  std::size_t taken = 0;
  while (taken < kCount) {
    const auto some = consumer->Receive(kCount, harness_->patience());
    ASSERT_TRUE(some.has_value()) << some.error().ToString();
    EXPECT_THAT(some->size(), testing::AllOf(testing::Ge(1), testing::Le(2))) << "of 7 MiB each";
    ASSERT_FALSE(some->empty());
    taken += some->size();
    ASSERT_TRUE(consumer->Ack(TagsOf(*some)).ok());
  }
}

TEST_P(BrokerSuite, WhatIsStartedNeedsNoConfirmForTheNextAndKeepsItsOrder) {
  const auto publisher = harness_->NewPublisher("started");
  std::vector<std::unique_ptr<PendingPublish>> pending;
  for (const char* body : {"1", "2", "3"}) {
    pending.push_back(publisher->Start({MessageWith(body)}, harness_->patience()));
  }
  for (const auto& one : pending) EXPECT_TRUE(one->Wait().ok());
  const auto consumer = harness_->NewConsumer("started");
  std::vector<std::string> bodies;
  while (bodies.size() < 3) {
    const auto got = consumer->Receive(3, harness_->patience());
    ASSERT_TRUE(got && !got->empty());
    for (const std::string& body : BodiesOf(*got)) bodies.push_back(body);
    ASSERT_TRUE(consumer->Ack(TagsOf(*got)).ok());
  }
  EXPECT_THAT(bodies, testing::ElementsAre("1", "2", "3"));
}

TEST_P(BrokerSuite, NothingStartedIsDoneAtOnce) {
  const auto publisher = harness_->NewPublisher("nothing");
  EXPECT_TRUE(publisher->Start({}, harness_->patience())->Wait().ok());
}

TEST_P(BrokerSuite, DeliversInTheOrderOfPublishing) {
  const auto publisher = harness_->NewPublisher("q");
  const auto consumer = harness_->NewConsumer("q");
  Publish(*publisher, {"a", "b"});
  Publish(*publisher, {"c"});
  EXPECT_THAT(BodiesOf(Take(*consumer, 3)), testing::ElementsAre("a", "b", "c"));
}

TEST_P(BrokerSuite, CarriesEveryPartOfAMessageUnchanged) {
  const auto publisher = harness_->NewPublisher("q");
  const auto consumer = harness_->NewConsumer("q");
  Message sent = MessageWith(std::string("\x00\xff{\"a\":\r\n}", 10), "f00e-1");
  sent.content_type = "application/octet-stream";
  sent.headers = {{"x-one", "1"}, {"x-empty", ""}};
  ASSERT_TRUE(publisher->Publish({&sent, 1}, harness_->patience()).ok());
  const std::vector<Delivery> got = Take(*consumer, 1);
  ASSERT_EQ(got.size(), 1U);
  EXPECT_EQ(got[0].message.body, sent.body);
  EXPECT_EQ(got[0].message.message_id, sent.message_id);
  EXPECT_EQ(got[0].message.content_type, sent.content_type);
  EXPECT_THAT(got[0].message.headers, testing::UnorderedElementsAreArray(sent.headers));
  EXPECT_FALSE(got[0].redelivered);
  EXPECT_EQ(got[0].attempts, 1U);
}

TEST_P(BrokerSuite, CarriesEmptyAndLargeBodies) {
  const auto publisher = harness_->NewPublisher("q");
  const auto consumer = harness_->NewConsumer("q");
  const std::string large(std::size_t{4} << 20U, 'x');
  Publish(*publisher, {"", large});
  const std::vector<Delivery> got = Take(*consumer, 2);
  ASSERT_EQ(got.size(), 2U);
  EXPECT_EQ(got[0].message.body, "");
  EXPECT_TRUE(got[1].message.body == large);
}

TEST_P(BrokerSuite, KeepsMessagesForAConsumerThatComesLater) {
  Publish(*harness_->NewPublisher("q"), {"a"});
  EXPECT_THAT(BodiesOf(Take(*harness_->NewConsumer("q"), 1)), testing::ElementsAre("a"));
}

TEST_P(BrokerSuite, QueuesDoNotMix) {
  Publish(*harness_->NewPublisher("q"), {"a"});
  ExpectNothing(*harness_->NewConsumer("other"));
}

TEST_P(BrokerSuite, ReceiveTakesNoMoreThanItsMaximum) {
  const auto consumer = harness_->NewConsumer("q");
  Publish(*harness_->NewPublisher("q"), {"a", "b", "c"});
  const auto first = consumer->Receive(2, harness_->patience());
  ASSERT_TRUE(first.has_value());
  EXPECT_LE(first->size(), 2U);
  const auto none = consumer->Receive(0, harness_->patience());
  ASSERT_TRUE(none.has_value());
  EXPECT_TRUE(none->empty());
}

TEST_P(BrokerSuite, ReceiveIsEmptyWhenNothingComes) { ExpectNothing(*harness_->NewConsumer("q")); }

TEST_P(BrokerSuite, TagsAreNeverReused) {
  const auto consumer = harness_->NewConsumer("q");
  Publish(*harness_->NewPublisher("q"), {"a", "b"});
  std::set<std::uint64_t> seen;
  for (int round = 0; round < 3; ++round) {
    const std::vector<std::uint64_t> tags = TagsOf(Take(*consumer, 2));
    for (const std::uint64_t tag : tags) EXPECT_TRUE(seen.insert(tag).second) << tag;
    ASSERT_TRUE(consumer->Requeue(tags).ok());
  }
}

TEST_P(BrokerSuite, AcknowledgedMessagesDoNotComeBack) {
  Publish(*harness_->NewPublisher("q"), {"a", "b", "c"});
  auto consumer = harness_->NewConsumer("q");
  const std::vector<std::uint64_t> tags = TagsOf(Take(*consumer, 3));
  ASSERT_EQ(tags.size(), 3U);
  const std::vector<std::uint64_t> done = {tags[2], tags[0]};
  ASSERT_TRUE(consumer->Ack(done).ok());
  consumer->Shutdown();
  consumer = harness_->NewConsumer("q");
  EXPECT_THAT(BodiesOf(Take(*consumer, 1)), testing::ElementsAre("b"));
  ExpectNothing(*consumer);
}

TEST_P(BrokerSuite, AcknowledgingTwiceTakesNoOtherMessage) {
  const auto consumer = harness_->NewConsumer("q");
  Publish(*harness_->NewPublisher("q"), {"a", "b"});
  const std::vector<Delivery> got = Take(*consumer, 2);
  ASSERT_EQ(got.size(), 2U);
  const std::vector<std::uint64_t> twice = {got[0].tag, got[0].tag};
  EXPECT_TRUE(consumer->Ack(twice).ok());
  EXPECT_TRUE(consumer->Ack(twice).ok());
  consumer->Shutdown();
  const auto next = harness_->NewConsumer("q");
  EXPECT_THAT(BodiesOf(Take(*next, 1)), testing::ElementsAre("b"));
  ExpectNothing(*next);
}

TEST_P(BrokerSuite, ATagThatWasNeverGivenSettlesNothing) {
  const auto consumer = harness_->NewConsumer("q");
  Publish(*harness_->NewPublisher("q"), {"a"});
  const std::vector<Delivery> got = Take(*consumer, 1);
  ASSERT_EQ(got.size(), 1U);
  const std::vector<std::uint64_t> tags = {got[0].tag, got[0].tag + 1000};
  EXPECT_EQ(consumer->Ack(tags).code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(consumer->Requeue(tags).code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(consumer->DeadLetter(got[0].tag + 1000, "why").code(), StatusCode::kInvalidArgument);
  consumer->Shutdown();
  EXPECT_THAT(BodiesOf(Take(*harness_->NewConsumer("q"), 1)), testing::ElementsAre("a"));
}

TEST_P(BrokerSuite, RequeuedMessagesComeAgainMarkedAsRedelivered) {
  const auto consumer = harness_->NewConsumer("q");
  Publish(*harness_->NewPublisher("q"), {"a"});
  const std::vector<Delivery> first = Take(*consumer, 1);
  ASSERT_TRUE(consumer->Requeue(TagsOf(first)).ok());
  const std::vector<Delivery> second = Take(*consumer, 1);
  ASSERT_EQ(second.size(), 1U);
  EXPECT_EQ(second[0].message.body, "a");
  EXPECT_EQ(second[0].message.message_id, "id-a");
  EXPECT_TRUE(second[0].redelivered);
  EXPECT_GE(second[0].attempts, 2U);
}

TEST_P(BrokerSuite, WhatAConsumerLeavesUnsettledGoesToTheNext) {
  Publish(*harness_->NewPublisher("q"), {"a", "b"});
  auto first = harness_->NewConsumer("q");
  Take(*first, 2);
  first.reset();
  const std::vector<Delivery> again = Take(*harness_->NewConsumer("q"), 2);
  EXPECT_THAT(BodiesOf(again), testing::ElementsAre("a", "b"));
  for (const Delivery& delivery : again) EXPECT_TRUE(delivery.redelivered);
}

TEST_P(BrokerSuite, SettlingAfterShutdownIsNoErrorAndChangesNothing) {
  Publish(*harness_->NewPublisher("q"), {"a"});
  const auto consumer = harness_->NewConsumer("q");
  const std::vector<std::uint64_t> tags = TagsOf(Take(*consumer, 1));
  consumer->Shutdown();
  EXPECT_TRUE(consumer->Ack(tags).ok());
  EXPECT_THAT(BodiesOf(Take(*harness_->NewConsumer("q"), 1)), testing::ElementsAre("a"));
}

TEST_P(BrokerSuite, ReceiveIsCancelledAfterShutdown) {
  const auto consumer = harness_->NewConsumer("q");
  Publish(*harness_->NewPublisher("q"), {"a"});
  consumer->Shutdown();
  consumer->Shutdown();
  const auto got = consumer->Receive(1, harness_->patience());
  ASSERT_FALSE(got.has_value());
  EXPECT_EQ(got.error().code(), StatusCode::kCancelled);
}

TEST_P(BrokerSuite, ShutdownEndsAReceiveThatWaits) {
  const auto consumer = harness_->NewConsumer("q");
  StatusCode code = StatusCode::kOk;
  std::thread waiter([&] {
    const auto got = consumer->Receive(1, std::chrono::hours(1));
    code = got ? StatusCode::kOk : got.error().code();
  });
  consumer->Shutdown();
  waiter.join();
  EXPECT_EQ(code, StatusCode::kCancelled);
}

TEST_P(BrokerSuite, AMessageEndsAReceiveThatWaits) {
  const auto consumer = harness_->NewConsumer("q");
  std::vector<Delivery> got;
  std::thread waiter([&] { got = Take(*consumer, 1); });
  Publish(*harness_->NewPublisher("q"), {"a"});
  waiter.join();
  EXPECT_THAT(BodiesOf(got), testing::ElementsAre("a"));
}

TEST_P(BrokerSuite, DeadLettersKeepTheirBytesAndGainAReason) {
  const auto consumer = harness_->NewConsumer("q");
  const auto publisher = harness_->NewPublisher("q");
  Message poison = MessageWith(std::string("{\"a\":\x00\xfe", 7), "poison");
  poison.headers = {{"x-own", "kept"}};
  ASSERT_TRUE(publisher->Publish({&poison, 1}, harness_->patience()).ok());
  const std::vector<Delivery> got = Take(*consumer, 1);
  ASSERT_EQ(got.size(), 1U);
  ASSERT_TRUE(consumer->DeadLetter(got[0].tag, "offset 5: not JSON").ok());
  ExpectNothing(*consumer);
  const auto morgue = harness_->NewConsumer(harness_->DeadLetterQueue("q"));
  const std::vector<Delivery> dead = Take(*morgue, 1);
  ASSERT_EQ(dead.size(), 1U);
  EXPECT_EQ(dead[0].message.body, poison.body);
  EXPECT_EQ(dead[0].message.message_id, "poison");
  EXPECT_THAT(dead[0].message.headers,
              testing::IsSupersetOf({std::pair<std::string, std::string>("x-own", "kept"),
                                     {"x-auditflow-reason", "offset 5: not JSON"}}));
}

TEST_P(BrokerSuite, ADeadLetterGoesOnceEvenIfSettledAgain) {
  const auto consumer = harness_->NewConsumer("q");
  Publish(*harness_->NewPublisher("q"), {"a"});
  const std::vector<Delivery> got = Take(*consumer, 1);
  ASSERT_EQ(got.size(), 1U);
  EXPECT_TRUE(consumer->DeadLetter(got[0].tag, "first").ok());
  EXPECT_TRUE(consumer->DeadLetter(got[0].tag, "second").ok());
  const auto morgue = harness_->NewConsumer(harness_->DeadLetterQueue("q"));
  Take(*morgue, 1);
  ExpectNothing(*morgue);
}

TEST_P(BrokerSuite, PublishingNothingIsFine) {
  EXPECT_TRUE(harness_->NewPublisher("q")->Publish({}, harness_->patience()).ok());
}

TEST_P(BrokerSuite, SeveralThreadsTakeEachMessageOnce) {
  constexpr int kPublishers = 3;
  constexpr int kEach = 200;
  constexpr std::size_t kAll = std::size_t{kPublishers} * kEach;
  const auto consumer = harness_->NewConsumer("q");
  std::mutex mutex;
  std::multiset<std::string> bodies;
  std::atomic<std::size_t> taken = 0;
  std::vector<std::thread> threads;
  for (int p = 0; p < kPublishers; ++p) {
    threads.emplace_back([this, p] {
      const auto publisher = harness_->NewPublisher("q");
      for (int i = 0; i < kEach; ++i) {
        Publish(*publisher, {std::to_string(p) + "/" + std::to_string(i)});
      }
    });
  }
  for (int c = 0; c < 3; ++c) {
    threads.emplace_back([&] {
      while (taken < kAll) {
        const auto got = consumer->Receive(7, harness_->patience());
        // The thread that took the last message shuts the consumer down.
        if (!got || got->empty()) return;
        ASSERT_TRUE(consumer->Ack(TagsOf(*got)).ok());
        const std::lock_guard lock(mutex);
        for (const Delivery& delivery : *got) bodies.insert(delivery.message.body);
        taken += got->size();
        if (taken == kAll) consumer->Shutdown();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(bodies.size(), kAll);
  EXPECT_EQ(std::set<std::string>(bodies.begin(), bodies.end()).size(), kAll);
}

}  // namespace auditflow::broker
