#include "auditflow/broker/in_process_broker.hpp"

#include <future>
#include <optional>

#include "tests/broker/broker_suite.hpp"

namespace auditflow::broker {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using testing::ElementsAre;

class InProcessHarness final : public BrokerHarness {
 public:
  std::unique_ptr<Publisher> NewPublisher(const std::string& queue) override {
    return broker_.NewPublisher(queue);
  }
  std::unique_ptr<Consumer> NewConsumer(const std::string& queue) override {
    return broker_.NewConsumer(queue);
  }
  std::string DeadLetterQueue(const std::string& queue) override { return queue + ".dead-letter"; }
  Duration quiet() const override { return Duration::zero(); }

 private:
  InProcessBroker broker_;
};

INSTANTIATE_TEST_SUITE_P(InProcess, BrokerSuite,
                         testing::Values(BrokerSuiteParam{
                             "in_process", [] { return std::make_unique<InProcessHarness>(); }}),
                         BrokerSuiteName);

/// A broker whose time stands still until the test moves it.
struct Bench {
  explicit Bench(InProcessBrokerOptions options = {}) : broker(options, clock) {}

  Status Publish(const std::string& body, Duration timeout = Duration::zero()) {
    const Message message = MessageWith(body);
    return publisher->Publish({&message, 1}, timeout);
  }
  std::vector<Delivery> Receive(std::size_t max) {
    return consumer->Receive(max, Duration::zero()).value();
  }

  ManualClock clock;
  InProcessBroker broker;
  std::unique_ptr<Publisher> publisher = broker.NewPublisher("q");
  std::unique_ptr<Consumer> consumer = broker.NewConsumer("q");
};

TEST(InProcessBroker, OneThatIsLargerThanManyMayBeTogetherComesAlone) {
  Bench bench;
  const std::string large(kMostBytesTogether + 1, 'x');
  for (const std::string& body : {std::string("a"), large, std::string("b")}) {
    ASSERT_TRUE(bench.Publish(body).ok());
  }
  for (int i = 0; i < 3; ++i) EXPECT_EQ(bench.Receive(3).size(), 1U);
}

TEST(InProcessBroker, AFullQueueRefusesAtOnceWithoutATimeout) {
  Bench bench({.max_messages = 2});
  ASSERT_TRUE(bench.Publish("a").ok());
  ASSERT_TRUE(bench.Publish("b").ok());
  const Status full = bench.Publish("c");
  EXPECT_EQ(full.code(), StatusCode::kResourceExhausted);
  EXPECT_TRUE(full.retryable());
}

TEST(InProcessBroker, UnsettledMessagesKeepAQueueFull) {
  Bench bench({.max_messages = 1});
  ASSERT_TRUE(bench.Publish("a").ok());
  const std::vector<Delivery> got = bench.Receive(1);
  EXPECT_EQ(bench.Publish("b").code(), StatusCode::kResourceExhausted);
  ASSERT_TRUE(bench.consumer->Ack(TagsOf(got)).ok());
  EXPECT_TRUE(bench.Publish("b").ok());
}

TEST(InProcessBroker, BodiesCountAgainstTheByteLimit) {
  Bench bench({.max_bytes = 10});
  ASSERT_TRUE(bench.Publish("123456").ok());
  EXPECT_EQ(bench.Publish("12345").code(), StatusCode::kResourceExhausted);
  EXPECT_TRUE(bench.Publish("1234").ok());
  EXPECT_EQ(bench.broker.Statistics("q").bytes, 10U);
  ASSERT_TRUE(bench.consumer->Ack(TagsOf(bench.Receive(2))).ok());
  EXPECT_EQ(bench.broker.Statistics("q").bytes, 0U);
}

TEST(InProcessBroker, AMessageThatCanNeverFitIsAnErrorNotAWait) {
  Bench bench({.max_bytes = 10});
  const Status status = bench.Publish("12345678901", hours(1));
  EXPECT_EQ(status.code(), StatusCode::kInvalidArgument);
  EXPECT_FALSE(status.retryable());
}

TEST(InProcessBroker, ABlockedPublisherGoesOnWhenRoomIsMade) {
  Bench bench({.max_messages = 1});
  ASSERT_TRUE(bench.Publish("a").ok());
  auto blocked = std::async(std::launch::async, [&] { return bench.Publish("b", hours(1)); });
  bench.clock.WaitForSleepers(1);
  ASSERT_TRUE(bench.consumer->Ack(TagsOf(bench.Receive(1))).ok());
  EXPECT_TRUE(blocked.get().ok());
  EXPECT_THAT(BodiesOf(bench.Receive(9)), ElementsAre("b"));
}

TEST(InProcessBroker, ABlockedPublisherGivesUpWhenItsTimeHasPassed) {
  Bench bench({.max_messages = 1});
  ASSERT_TRUE(bench.Publish("a").ok());
  auto blocked = std::async(std::launch::async, [&] { return bench.Publish("b", seconds(5)); });
  bench.clock.WaitForSleepers(1);
  bench.clock.Advance(seconds(5));
  EXPECT_EQ(blocked.get().code(), StatusCode::kResourceExhausted);
  EXPECT_THAT(BodiesOf(bench.Receive(9)), ElementsAre("a"));
}

TEST(InProcessBroker, ABatchLargerThanTheQueueFlowsThroughIt) {
  Bench bench({.max_messages = 2});
  const std::vector<Message> batch = {MessageWith("a"), MessageWith("b"), MessageWith("c"),
                                      MessageWith("d"), MessageWith("e")};
  auto blocked =
      std::async(std::launch::async, [&] { return bench.publisher->Publish(batch, hours(1)); });
  std::vector<std::string> bodies;
  while (bodies.size() < batch.size()) {
    const std::vector<Delivery> got = bench.consumer->Receive(9, hours(1)).value();
    for (const Delivery& delivery : got) bodies.push_back(delivery.message.body);
    ASSERT_TRUE(bench.consumer->Ack(TagsOf(got)).ok());
  }
  EXPECT_TRUE(blocked.get().ok());
  EXPECT_THAT(bodies, ElementsAre("a", "b", "c", "d", "e"));
}

TEST(InProcessBroker, AReceiveThatWaitsEndsEmptyWhenItsTimeHasPassed) {
  Bench bench;
  auto waiting =
      std::async(std::launch::async, [&] { return bench.consumer->Receive(1, seconds(5)); });
  bench.clock.WaitForSleepers(1);
  bench.clock.Advance(seconds(5));
  EXPECT_TRUE(waiting.get().value().empty());
}

TEST(InProcessBroker, RequeuedMessagesKeepTheirPlace) {
  Bench bench;
  for (const char* body : {"a", "b", "c", "d"}) ASSERT_TRUE(bench.Publish(body).ok());
  const std::vector<std::uint64_t> tags = TagsOf(bench.Receive(3));
  const std::vector<std::uint64_t> back = {tags[2], tags[0]};
  ASSERT_TRUE(bench.consumer->Requeue(back).ok());
  EXPECT_THAT(BodiesOf(bench.Receive(9)), ElementsAre("a", "c", "d"));
}

TEST(InProcessBroker, AttemptsCountEveryDelivery) {
  Bench bench;
  ASSERT_TRUE(bench.Publish("a").ok());
  for (std::uint32_t attempt = 1; attempt <= 4; ++attempt) {
    const std::vector<Delivery> got = bench.Receive(1);
    ASSERT_EQ(got.size(), 1U);
    EXPECT_EQ(got[0].attempts, attempt);
    ASSERT_TRUE(bench.consumer->Requeue(TagsOf(got)).ok());
  }
}

TEST(InProcessBroker, AFullDeadLetterQueueDropsItsOldestAndCountsIt) {
  Bench bench({.max_messages = 2});
  for (const char* body : {"a", "b", "c"}) {
    ASSERT_TRUE(bench.Publish(body).ok());
    ASSERT_TRUE(bench.consumer->DeadLetter(bench.Receive(1).at(0).tag, "why").ok());
  }
  const auto statistics = bench.broker.Statistics("q.dead-letter");
  EXPECT_EQ(statistics.ready, 2U);
  EXPECT_EQ(statistics.dropped, 1U);
  const auto morgue = bench.broker.NewConsumer("q.dead-letter");
  EXPECT_THAT(BodiesOf(morgue->Receive(9, Duration::zero()).value()), ElementsAre("b", "c"));
}

TEST(InProcessBroker, ADeadLetterThatIsPublishedAgainCarriesOnlyItsLastReason) {
  Bench bench;
  Message message = MessageWith("a");
  message.headers = {{"x-auditflow-reason", "old"}};
  ASSERT_TRUE(bench.publisher->Publish({&message, 1}, Duration::zero()).ok());
  ASSERT_TRUE(bench.consumer->DeadLetter(bench.Receive(1).at(0).tag, "new").ok());
  const auto morgue = bench.broker.NewConsumer("q.dead-letter");
  EXPECT_THAT(morgue->Receive(1, Duration::zero()).value().at(0).message.headers,
              ElementsAre(std::pair<std::string, std::string>("x-auditflow-reason", "new")));
}

TEST(InProcessBroker, StatisticsTellReadyFromUnsettled) {
  Bench bench;
  for (const char* body : {"a", "b", "c"}) ASSERT_TRUE(bench.Publish(body).ok());
  bench.Receive(2);
  EXPECT_EQ(bench.broker.Statistics("q").ready, 1U);
  EXPECT_EQ(bench.broker.Statistics("q").unsettled, 2U);
  EXPECT_EQ(bench.broker.Statistics("nobody named this").ready, 0U);
}

TEST(InProcessBroker, ShutdownWaitsUntilEverythingIsSettled) {
  Bench bench;
  ASSERT_TRUE(bench.Publish("a").ok());
  auto shutdown = std::async(std::launch::async, [&] { return bench.broker.Shutdown(hours(1)); });
  bench.clock.WaitForSleepers(1);
  const std::vector<Delivery> got = bench.Receive(1);
  ASSERT_TRUE(bench.Publish("b").ok()) << "work in flight may still publish";
  ASSERT_TRUE(bench.consumer->Ack(TagsOf(got)).ok());
  ASSERT_TRUE(bench.consumer->Ack(TagsOf(bench.Receive(1))).ok());
  EXPECT_TRUE(shutdown.get().ok());
  EXPECT_EQ(bench.Publish("c").code(), StatusCode::kCancelled);
  EXPECT_EQ(bench.consumer->Receive(1, hours(1)).error().code(), StatusCode::kCancelled);
}

TEST(InProcessBroker, ShutdownSaysWhatIsLeftWhenItsTimeHasPassed) {
  Bench bench;
  ASSERT_TRUE(bench.Publish("a").ok());
  auto shutdown = std::async(std::launch::async, [&] { return bench.broker.Shutdown(seconds(5)); });
  bench.clock.WaitForSleepers(1);
  bench.clock.Advance(seconds(5));
  const Status status = shutdown.get();
  EXPECT_EQ(status.code(), StatusCode::kDeadlineExceeded);
  EXPECT_EQ(status.message(), "queue q still holds 1 messages");
}

TEST(InProcessBroker, ShutdownDoesNotWaitForAQueueThatNobodyReads) {
  Bench bench;
  ASSERT_TRUE(bench.Publish("a").ok());
  bench.consumer.reset();
  EXPECT_TRUE(bench.broker.Shutdown(hours(1)).ok());
}

TEST(InProcessBroker, PublishersAndConsumersOutliveTheBroker) {
  ManualClock clock;
  std::optional<InProcessBroker> broker(std::in_place, InProcessBrokerOptions{.max_messages = 1},
                                        clock);
  const auto publisher = broker->NewPublisher("q");
  const auto consumer = broker->NewConsumer("q");
  const Message message = MessageWith("a");
  ASSERT_TRUE(publisher->Publish({&message, 1}, Duration::zero()).ok());
  auto blocked = std::async(std::launch::async, [&] {
    return publisher->Publish({&message, 1}, hours(1));
  });
  clock.WaitForSleepers(1);
  broker.reset();
  EXPECT_EQ(blocked.get().code(), StatusCode::kCancelled);
  EXPECT_EQ(consumer->Receive(1, hours(1)).error().code(), StatusCode::kCancelled);
}

}  // namespace
}  // namespace auditflow::broker
