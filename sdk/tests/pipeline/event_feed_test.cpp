#include "auditflow/pipeline/event_feed.hpp"

#include "tests/pipeline/pipeline_fixture.hpp"

namespace auditflow::pipeline {
namespace {

class EventFeedTest : public PipelineTest {
 protected:
  static EventFeed::Source Numbers(int end) {
    return [n = 0, end]() mutable -> std::optional<broker::Message> {
      if (n == end) return std::nullopt;
      broker::Message message;
      message.body = std::to_string(n++);
      return message;
    };
  }
  observe::GeneratorMetrics& Metrics() { return pipeline_metrics_.generator(); }
};

TEST_F(EventFeedTest, PublishesTheWholeSourceInOrder) {
  const auto publisher = broker_.NewPublisher("events");
  EventFeed feed(Numbers(1000), *publisher, Metrics());
  ASSERT_TRUE(feed.Run(stop_.get_token()).ok());
  const auto messages = Drain("events");
  ASSERT_EQ(messages.size(), 1000U);
  for (std::size_t i = 0; i < messages.size(); ++i) EXPECT_EQ(messages[i].body, std::to_string(i));
  EXPECT_EQ(Metrics().published_success.Value(), 1000);
}

TEST_F(EventFeedTest, RateTimesDurationIsTheNumberOfEventsWhateverTheScheduling) {
  ManualClock clock;
  const auto publisher = broker_.NewPublisher("events");
  EventFeedOptions options;
  options.rate = 100;
  options.duration = std::chrono::seconds(3);
  EventFeed feed(Numbers(1'000'000), *publisher, Metrics(), options, clock);
  std::jthread time([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) clock.Advance(std::chrono::milliseconds(700));
  });
  ASSERT_TRUE(feed.Run(stop_.get_token()).ok());
  EXPECT_EQ(feed.published(), 300U);
}

TEST_F(EventFeedTest, StopsAtTheCount) {
  const auto publisher = broker_.NewPublisher("events");
  EventFeedOptions options;
  options.count = 777;
  EventFeed feed(Numbers(1'000'000), *publisher, Metrics(), options);
  ASSERT_TRUE(feed.Run(stop_.get_token()).ok());
  EXPECT_EQ(Drain("events").size(), 777U);
}

}  // namespace
}  // namespace auditflow::pipeline
