#include <atomic>
#include <thread>

#include <gmock/gmock.h>

#include "tests/rabbitmq/integration/test_server.hpp"

namespace auditflow::rabbitmq {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::Not;

class RabbitMqPublishing : public RabbitMqTest {};

TEST_F(RabbitMqPublishing, AMessageWithoutAQueueIsAnError) {
  const auto maker = ReadyPublisher(publisher_options());
  PublisherOptions options = publisher_options();
  options.topology.declare = false;
  const auto publisher = ReadyPublisher(options);
  ASSERT_TRUE(PublishNumbers(*publisher, 0, 3).ok());
  server().Ctl({"delete_queue", queue_});
  const Status status = PublishNumbers(*publisher, 3, 6);
  EXPECT_EQ(status.code(), StatusCode::kFailedPrecondition) << status.ToString();
  EXPECT_THAT(status.message(), HasSubstr("message 3"));
  EXPECT_EQ(publisher->GetStatistics().returned, 3U);
  EXPECT_TRUE(publisher->Health().up()) << "the next message may have a queue";
}

TEST_F(RabbitMqPublishing, AQueueThatSomebodyDeletedIsDeclaredAgain) {
  const auto publisher = ReadyPublisher(publisher_options());
  server().Ctl({"delete_queue", queue_});
  const Status status = PublishNumbers(*publisher, 0, 5);
  EXPECT_TRUE(status.ok()) << status.ToString();
  const auto consumer = ReadyConsumer(consumer_options());
  TakeAll(*consumer, 5);
}

TEST_F(RabbitMqPublishing, WaitsWhileTheBrokerRefusesAndSendsAgain) {
  const auto publisher = ReadyPublisher(publisher_options());
  server().Ctl({"set_policy", "--apply-to", "queues", queue_, "^" + queue_ + "$",
                R"({"max-length":2,"overflow":"reject-publish"})"});
  Status full;
  Eventually([&] {
    full = PublishNumbers(*publisher, 0, 5, milliseconds(300));
    return !full.ok();
  });
  EXPECT_EQ(full.code(), StatusCode::kResourceExhausted) << full.ToString();
  EXPECT_TRUE(full.retryable());
  EXPECT_GT(publisher->GetStatistics().refused, 0U);
  Status later;
  std::thread waiting([&] { later = PublishNumbers(*publisher, 100, 101); });
  server().Ctl({"purge_queue", queue_});
  waiting.join();
  EXPECT_TRUE(later.ok()) << later.ToString();
  server().Ctl({"clear_policy", queue_});
}

TEST_F(RabbitMqPublishing, AMemoryAlarmIsBackPressureAndEnds) {
  const auto publisher = ReadyPublisher(publisher_options());
  const auto consumer = ReadyConsumer(consumer_options());
  ASSERT_TRUE(PublishNumbers(*publisher, 0, 10).ok());
  server().Ctl({"set_vm_memory_high_watermark", "0.00001"});
  // The broker tells a connection only once it publishes under the alarm.
  Status blocked;
  Eventually([&] {
    blocked = PublishNumbers(*publisher, 10, 11, milliseconds(200));
    return publisher->Health().blocked;
  });
  blocked = PublishNumbers(*publisher, 20, 40, milliseconds(200));
  EXPECT_EQ(blocked.code(), StatusCode::kResourceExhausted) << blocked.ToString();
  EXPECT_THAT(blocked.message(), HasSubstr("blocked by the broker"));
  EXPECT_TRUE(publisher->Health().up());
  TakeAll(*consumer, 10);
  Status waited;
  std::thread waiting([&] { waited = PublishNumbers(*publisher, 50, 60); });
  server().Ctl({"set_vm_memory_high_watermark", "0.4"});
  waiting.join();
  EXPECT_TRUE(waited.ok()) << waited.ToString();
  EXPECT_FALSE(publisher->Health().blocked);
  EXPECT_GT(publisher->GetStatistics().blocked, milliseconds(100));
  EXPECT_EQ(publisher->Health().connections, 1U) << "the connection lasted through it";
}

TEST_F(RabbitMqPublishing, AWrongPasswordIsPermanentAndNotShown) {
  PublisherOptions options = publisher_options();
  options.connection.password = Secret("hunter2");
  auto publisher = std::move(*RabbitMqPublisher::Create(options));
  Eventually([&] { return publisher->Health().failures >= 2; });
  const ConnectionHealth health = publisher->Health();
  EXPECT_TRUE(health.permanent);
  EXPECT_FALSE(health.up());
  EXPECT_THAT(health.reason, HasSubstr("ACCESS_REFUSED"));
  EXPECT_THAT(health.reason, Not(HasSubstr("hunter2")));
  const Status status = PublishNumbers(*publisher, 0, 1, milliseconds(50));
  EXPECT_EQ(status.code(), StatusCode::kUnavailable);
  EXPECT_THAT(status.message(), HasSubstr("ACCESS_REFUSED"));
}

TEST_F(RabbitMqPublishing, AQueueOfAnotherKindIsPermanent) {
  const auto classic = ReadyPublisher(publisher_options());
  PublisherOptions options = publisher_options();
  options.topology.kind = QueueKind::kQuorum;
  auto quorum = std::move(*RabbitMqPublisher::Create(options));
  Eventually([&] { return quorum->Health().failures >= 1; });
  EXPECT_TRUE(quorum->Health().permanent);
  EXPECT_THAT(quorum->Health().reason, HasSubstr("PRECONDITION_FAILED"));
}

TEST_F(RabbitMqPublishing, AQueueThatIsToBeThereIsWaitedFor) {
  PublisherOptions options = publisher_options();
  options.topology.declare = false;
  auto publisher = std::move(*RabbitMqPublisher::Create(options));
  Eventually([&] { return publisher->Health().failures >= 1; });
  EXPECT_THAT(publisher->Health().reason, HasSubstr("NOT_FOUND"));
  const auto maker = ReadyPublisher(publisher_options());
  EXPECT_TRUE(publisher->WaitUntilReady(seconds(30)).ok());
}

TEST_F(RabbitMqPublishing, LimitsWhatWaits) {
  PublisherOptions options = publisher_options();
  options.connection.port = 1;  // where nobody listens
  options.max_outstanding = 10;
  auto publisher = std::move(*RabbitMqPublisher::Create(options));
  std::thread first([&] {
    const Status status = PublishNumbers(*publisher, 0, 20, seconds(60));
    EXPECT_EQ(status.code(), StatusCode::kCancelled) << status.ToString();
  });
  Eventually([&] { return publisher->Health().failures >= 1; });
  const Status second = PublishNumbers(*publisher, 20, 21, milliseconds(20));
  EXPECT_EQ(second.code(), StatusCode::kUnavailable) << second.ToString();
  EXPECT_EQ(publisher->Shutdown(milliseconds(20)).code(), StatusCode::kDeadlineExceeded);
  first.join();
  EXPECT_EQ(PublishNumbers(*publisher, 30, 31).code(), StatusCode::kCancelled);
}

TEST_F(RabbitMqPublishing, ShutdownWaitsForWhatIsUnderWay) {
  const auto publisher = ReadyPublisher(publisher_options());
  std::vector<std::thread> threads;
  std::atomic<int> confirmed = 0;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      if (PublishNumbers(*publisher, t * 1000, (t + 1) * 1000).ok()) confirmed += 1000;
    });
  }
  Eventually([&] { return publisher->GetStatistics().published > 500; });
  EXPECT_TRUE(publisher->Shutdown(seconds(30)).ok());
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(static_cast<std::uint64_t>(confirmed), publisher->GetStatistics().confirmed);
  EXPECT_GT(confirmed, 0);
  EXPECT_EQ(publisher->Health().state, ConnectionState::kStopped);
}

TEST_F(RabbitMqPublishing, ABodyOverTheLimitIsRefusedBeforeItIsSent) {
  PublisherOptions options = publisher_options();
  options.max_body_bytes = 4;
  const auto publisher = ReadyPublisher(options);
  EXPECT_EQ(PublishNumbers(*publisher, 9'999, 10'001).code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(publisher->GetStatistics().published, 0U);
}

}  // namespace
}  // namespace auditflow::rabbitmq
