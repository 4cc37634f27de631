#include <atomic>
#include <cstdio>
#include <map>
#include <set>
#include <thread>

#include <gmock/gmock.h>

#include "tests/rabbitmq/integration/test_server.hpp"

namespace auditflow::rabbitmq {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;

/// A producer and a consumer under load, whose books are compared at the end.
class Load {
 public:
  Load(PublisherOptions publishing, ConsumerOptions consuming)
      : publisher_(ReadyPublisher(std::move(publishing))),
        consumer_(ReadyConsumer(std::move(consuming))),
        producing_([this](const std::stop_token& stop) { Produce(stop); }),
        consuming_([this](const std::stop_token& stop) { Consume(stop); }) {}

  void WaitForAnother(int messages) {
    const int goal = confirmed_ + messages;
    Eventually([&] { return confirmed_ >= goal; });
  }
  /// Ends the load, and checks that what was confirmed arrived unchanged.
  void Settle() {
    producing_.request_stop();
    producing_.join();
    Eventually([this] { return distinct_ >= confirmed_; });
    // What is still to come now would be a duplicate.
    consuming_.request_stop();
    consuming_.join();
    for (int i = 0; i < confirmed_; ++i) {
      if (!seen_.contains(std::to_string(i))) ADD_FAILURE() << "lost: " << i;
    }
    int duplicates = 0;
    for (const auto& [id, count] : seen_) duplicates += count - 1;
    testing::Test::RecordProperty("confirmed", confirmed_);
    testing::Test::RecordProperty("duplicates", duplicates);
    std::printf("%d messages, %d duplicates\n", confirmed_.load(), duplicates);
  }
  RabbitMqPublisher& publisher() { return *publisher_; }
  RabbitMqConsumer& consumer() { return *consumer_; }

 private:
  static constexpr int kBatch = 50;

  void Produce(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      const Status status = PublishNumbers(*publisher_, confirmed_, confirmed_ + kBatch);
      ASSERT_TRUE(status.ok()) << status.ToString();
      confirmed_ += kBatch;
    }
  }
  void Consume(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      const auto got = consumer_->Receive(100, milliseconds(20));
      if (!got) {
        ASSERT_EQ(got.error().code(), StatusCode::kUnavailable);
        continue;
      }
      for (const broker::Delivery& delivery : *got) {
        EXPECT_EQ(delivery.message.body, delivery.message.message_id);
        ++seen_[delivery.message.message_id];
      }
      distinct_ = static_cast<int>(seen_.size());
      ASSERT_TRUE(consumer_->Ack(TagsOf(*got)).ok());
    }
  }

  std::unique_ptr<RabbitMqPublisher> publisher_;
  std::unique_ptr<RabbitMqConsumer> consumer_;
  std::atomic<int> confirmed_ = 0;
  std::atomic<int> distinct_ = 0;
  std::map<std::string, int> seen_;  ///< of the consuming thread
  std::jthread producing_;
  std::jthread consuming_;
};

class RabbitMqFault : public RabbitMqTest {};

TEST_F(RabbitMqFault, NothingIsLostWhenTheBrokerIsKilled) {
  Load load(publisher_options(), consumer_options());
  load.WaitForAnother(1000);
  server().Run("kill");
  Eventually([&] { return !load.publisher().Health().up() && !load.consumer().Health().up(); });
  EXPECT_FALSE(load.publisher().Health().permanent);
  server().Run("restart");
  load.WaitForAnother(1000);
  load.Settle();
  EXPECT_GE(load.publisher().Health().connections, 2U);
}

TEST_F(RabbitMqFault, NothingIsLostWhenConnectionsAreClosed) {
  Load load(publisher_options(), consumer_options());
  for (std::uint64_t round = 1; round <= 5; ++round) {
    load.WaitForAnother(500);
    server().Ctl({"close_all_connections", "test"});
    Eventually([&] {
      return load.publisher().Health().connections > round &&
             load.consumer().Health().connections > round;
    });
  }
  load.WaitForAnother(500);
  load.Settle();
}

TEST_F(RabbitMqFault, StartsWithoutTheBrokerAndRecoversByItself) {
  server().Run("terminate");
  auto publisher = std::move(*RabbitMqPublisher::Create(publisher_options()));
  auto consumer = std::move(*RabbitMqConsumer::Create(consumer_options()));
  const Status published = PublishNumbers(*publisher, 0, 1, milliseconds(100));
  EXPECT_EQ(published.code(), StatusCode::kUnavailable) << published.ToString();
  const auto got = consumer->Receive(1, milliseconds(100));
  ASSERT_FALSE(got.has_value());
  EXPECT_EQ(got.error().code(), StatusCode::kUnavailable);
  EXPECT_THAT(got.error().message(), HasSubstr("localhost:"));
  EXPECT_FALSE(consumer->Health().permanent);
  EXPECT_EQ(publisher->GetStatistics().abandoned, 1U);
  Status waited;
  std::thread waiting([&] { waited = PublishNumbers(*publisher, 1, 3, seconds(60)); });
  server().Run("restart");
  waiting.join();
  EXPECT_TRUE(waited.ok()) << waited.ToString();
  EXPECT_THAT(BodiesOf(TakeAll(*consumer, 2)), ElementsAre("1", "2"))
      << "0 was given up when its time was over";
}

TEST_F(RabbitMqFault, HeartbeatsFindABrokerThatHangs) {
  PublisherOptions publishing = publisher_options();
  ConsumerOptions consuming = consumer_options();
  publishing.connection.heartbeat = consuming.connection.heartbeat = seconds(1);
  publishing.connection.connect_timeout = consuming.connection.connect_timeout = seconds(1);
  const auto publisher = ReadyPublisher(publishing);
  const auto consumer = ReadyConsumer(consuming);
  ASSERT_TRUE(PublishNumbers(*publisher, 0, 10).ok());
  server().Run("freeze");
  Eventually([&] { return !publisher->Health().up() && !consumer->Health().up(); }, seconds(6));
  server().Run("thaw");
  EXPECT_TRUE(PublishNumbers(*publisher, 10, 20).ok());
  std::set<std::string> bodies;
  Eventually([&] {
    const auto got = consumer->Receive(100, milliseconds(50));
    if (got) {
      for (const std::string& body : BodiesOf(*got)) bodies.insert(body);
    }
    return bodies.size() == 20;
  });
}

TEST_F(RabbitMqFault, AnIdleConnectionStaysUpByItsHeartbeats) {
  ConsumerOptions options = consumer_options();
  options.connection.heartbeat = seconds(1);
  const auto consumer = ReadyConsumer(options);
  // The broker closes after two silent heartbeats and a bit: here nothing is to happen.
  EXPECT_TRUE(consumer->Receive(1, milliseconds(3500))->empty());
  EXPECT_EQ(consumer->Health().connections, 1U);
  EXPECT_EQ(consumer->Health().failures, 0U);
}

TEST_F(RabbitMqFault, TheWatchdogFreesASendThatHangs) {
  PublisherOptions options = publisher_options();
  options.connection.call_limit = seconds(1);
  options.connection.heartbeat = seconds(60);
  const auto publisher = ReadyPublisher(options);
  server().Run("freeze");
  // More than the socket holds: the library waits for room in the middle of a message.
  std::vector<broker::Message> messages(4);
  for (broker::Message& message : messages) message.body.assign(std::size_t{10} << 20U, 'x');
  Status status;
  std::thread sending([&] { status = publisher->Publish(messages, seconds(60)); });
  Eventually([&] { return !publisher->Health().up(); }, seconds(10));
  server().Run("thaw");
  sending.join();
  EXPECT_TRUE(status.ok()) << status.ToString();
  EXPECT_GE(publisher->Health().connections, 2U);
}

TEST_F(RabbitMqFault, SettlingForALostConnectionIsHarmless) {
  const auto publisher = ReadyPublisher(publisher_options());
  const auto consumer = ReadyConsumer(consumer_options());
  ASSERT_TRUE(PublishNumbers(*publisher, 0, 3).ok());
  const auto before = TakeAll(*consumer, 3);
  server().Ctl({"close_all_connections", "test"});
  const auto after = TakeAll(*consumer, 3);
  EXPECT_TRUE(consumer->Ack(TagsOf(before)).ok());
  EXPECT_TRUE(consumer->Requeue(TagsOf(before)).ok());
  for (const broker::Delivery& delivery : after) {
    EXPECT_TRUE(delivery.redelivered);
    EXPECT_EQ(delivery.attempts, 2U);
  }
  EXPECT_EQ(consumer->GetStatistics().acknowledged, 0U);
  EXPECT_TRUE(consumer->Ack(TagsOf(after)).ok());
  consumer->Shutdown();
  EXPECT_TRUE(ReadyConsumer(consumer_options())->Receive(1, milliseconds(100))->empty());
}

}  // namespace
}  // namespace auditflow::rabbitmq
