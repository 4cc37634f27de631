#include "auditflow/pipeline/event_feed.hpp"

#include <algorithm>
#include <cmath>
#include <condition_variable>
#include <deque>
#include <functional>
#include <limits>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

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

/// Answers with the given failures, then takes everything and remembers the sizes.
class ScriptedPublisher final : public broker::Publisher {
 public:
  explicit ScriptedPublisher(std::deque<Status> failures = {}) : failures_(std::move(failures)) {}

  Status Publish(std::span<const broker::Message> messages, Duration) override {
    tried_.emplace_back(messages.front().body);
    if (!failures_.empty()) {
      Status failure = failures_.front();
      failures_.pop_front();
      return failure;
    }
    sizes_.push_back(messages.size());
    return {};
  }
  [[nodiscard]] const std::vector<std::string>& tried() const { return tried_; }
  [[nodiscard]] const std::vector<std::size_t>& sizes() const { return sizes_; }

 private:
  std::deque<Status> failures_;
  std::vector<std::string> tried_;
  std::vector<std::size_t> sizes_;
};

/// Time passes by sleeping only, and what is planned for a time happens in the sleep over it: a run
/// on one thread that is the same each time.
class SimulatedClock final : public Clock {
 public:
  void At(Duration time, std::function<void()> action) {
    actions_.emplace(time, std::move(action));
  }
  [[nodiscard]] Timestamp Now() const override { return Timestamp() + now_; }
  [[nodiscard]] Duration Monotonic() const override { return now_; }
  bool SleepFor(Duration d, const std::stop_token& stop) override {
    const Duration end = now_ + d;
    while (!stop.stop_requested() && !actions_.empty() && actions_.begin()->first <= end) {
      now_ = std::max(now_, actions_.begin()->first);
      actions_.extract(actions_.begin()).mapped()();
    }
    if (!stop.stop_requested()) now_ = std::max(now_, end);
    return !stop.stop_requested();
  }
  /// As a call does that takes long.
  void Lose(Duration d) { now_ += d; }

 private:
  Duration now_{0};
  std::multimap<Duration, std::function<void()>> actions_;
};

class SteeredFeedTest : public EventFeedTest {
 protected:
  void Make(const EventFeedOptions& options, std::deque<Status> failures = {}) {
    publisher_.emplace(std::move(failures));
    feed_.emplace(Numbers(std::numeric_limits<int>::max()), *publisher_, Metrics(), options,
                  clock_);
  }
  void SetRateAt(Duration time, double rate) {
    clock_.At(time, [this, rate] { EXPECT_TRUE(feed_->SetRate(rate).ok()); });
  }
  /// @return how much was published by each of the times, the last of which ends the run.
  std::vector<std::uint64_t> PublishedBy(const std::vector<Duration>& times) {
    std::vector<std::uint64_t> seen;
    for (const Duration time : times) {
      clock_.At(time, [this, &seen] { seen.push_back(feed_->published()); });
    }
    clock_.At(times.back(), [this] { stop_.request_stop(); });
    status_ = feed_->Run(stop_.get_token());
    return seen;
  }

  static constexpr Duration kSecond = std::chrono::seconds(1);
  SimulatedClock clock_;
  std::optional<ScriptedPublisher> publisher_;
  std::optional<EventFeed> feed_;
  Status status_;
};

TEST_F(SteeredFeedTest, TheRateCanBeChangedWhileItRuns) {
  Make({.rate = 100});
  SetRateAt(3 * kSecond, 1000);
  SetRateAt(5 * kSecond, 0);
  SetRateAt(10 * kSecond, 10);
  const auto seen = PublishedBy({3 * kSecond, 5 * kSecond, 10 * kSecond, 14 * kSecond});
  ASSERT_EQ(seen.size(), 4U);
  EXPECT_NEAR(static_cast<double>(seen[0]), 300, 2);
  EXPECT_NEAR(static_cast<double>(seen[1]), 2300, 10);
  EXPECT_EQ(seen[2], seen[1]);
  EXPECT_NEAR(static_cast<double>(seen[3] - seen[2]), 40, 2);
  EXPECT_EQ(feed_->rate(), 10);
}

TEST_F(SteeredFeedTest, ALowRateThatIsSetOftenStillComesToItsEvents) {
  Make({.rate = 0.5});
  for (int i = 1; i < 100; ++i) SetRateAt(i * kSecond / 5, 0.5);
  EXPECT_NEAR(static_cast<double>(PublishedBy({20 * kSecond}).back()), 10, 1);
}

TEST_F(SteeredFeedTest, WhatIsNoRateIsRefusedAndChangesNothing) {
  Make({.rate = 7});
  for (const double rate : {-1.0, -0.001, std::nan(""), -kUnlimitedRate}) {
    EXPECT_EQ(feed_->SetRate(rate).code(), StatusCode::kInvalidArgument);
  }
  EXPECT_EQ(feed_->rate(), 7);
}

TEST_F(SteeredFeedTest, MeasuresWhatWasConfirmedInTheLastTenSeconds) {
  Make({.rate = 0});
  EXPECT_EQ(feed_->MeasuredRate(), 0);
  std::vector<double> measured;
  const auto measure_at = [&](Duration time) {
    clock_.At(time, [&] { measured.push_back(feed_->MeasuredRate()); });
  };
  measure_at(kSecond);
  SetRateAt(2 * kSecond, 200);
  measure_at(22 * kSecond);
  SetRateAt(22 * kSecond, 0.2);
  measure_at(52 * kSecond);
  SetRateAt(52 * kSecond, 0);
  measure_at(72 * kSecond);
  PublishedBy({73 * kSecond});
  ASSERT_EQ(measured.size(), 4U);
  EXPECT_EQ(measured[0], 0);
  EXPECT_NEAR(measured[1], 200, 5);
  EXPECT_NEAR(measured[2], 0.2, 0.11);
  EXPECT_EQ(measured[3], 0);
}

TEST_F(SteeredFeedTest, TimeThatWasLostIsMadeUpForUpToTheBacklog) {
  Make({.rate = 100, .max_backlog = kSecond});
  clock_.At(10 * kSecond, [this] { clock_.Lose(60 * kSecond); });
  const auto seen = PublishedBy({70 * kSecond, 71 * kSecond, 74 * kSecond});
  EXPECT_NEAR(static_cast<double>(seen[1]), 1000 + 100 + 100, 5);
  EXPECT_NEAR(static_cast<double>(seen[2] - seen[1]), 300, 2);
}

TEST_F(SteeredFeedTest, TimeThatWasLostIsMadeUpForWithoutALimitOtherwise) {
  Make({.rate = 100});
  clock_.At(10 * kSecond, [this] { clock_.Lose(60 * kSecond); });
  EXPECT_NEAR(static_cast<double>(PublishedBy({71 * kSecond}).back()), 7100, 5);
}

TEST_F(SteeredFeedTest, AFailureThatCanPassIsRetriedWithTheSameEvents) {
  Make({.rate = 10}, {Unavailable("away"), Unavailable("away"), ResourceExhausted("full")});
  EXPECT_NEAR(static_cast<double>(PublishedBy({5 * kSecond}).back()), 50, 1);
  const std::vector<std::string> tried = publisher_->tried();
  ASSERT_GE(tried.size(), 5U);
  EXPECT_EQ(std::vector<std::string>(tried.begin(), tried.begin() + 4),
            std::vector<std::string>(4, "0"));
  EXPECT_EQ(Metrics().published_success.Value(), static_cast<double>(feed_->published()));
  EXPECT_EQ(Metrics().published_failure.Value(), 3);
}

TEST_F(SteeredFeedTest, AFailureThatNeedsAPersonEndsIt) {
  Make({.rate = 10}, {FailedPrecondition("no queue")});
  PublishedBy({5 * kSecond});
  EXPECT_EQ(status_.code(), StatusCode::kFailedPrecondition);
  EXPECT_EQ(status_.message(), "publishing events: no queue");
}

TEST_F(SteeredFeedTest, APersistentOneWaitsForThePerson) {
  Make({.rate = 10, .persistent = true}, {FailedPrecondition("no queue")});
  const auto seen = PublishedBy({5 * kSecond, 35 * kSecond});
  EXPECT_EQ(seen[0], 0U);
  EXPECT_NEAR(static_cast<double>(seen[1]), 350, 5);
}

TEST_F(SteeredFeedTest, NothingIsRetriedThatCanNeverPass) {
  for (const Status& failure : {InvalidArgument("too large"), Cancelled("shut down")}) {
    Make({.rate = 10, .persistent = true}, {failure});
    EXPECT_EQ(feed_->Run(stop_.get_token()).code(), failure.code());
    EXPECT_EQ(publisher_->tried().size(), 1U);
  }
}

TEST_F(SteeredFeedTest, StopsWhileItRetries) {
  Make({.rate = 10}, std::deque<Status>(1000, Unavailable("away")));
  PublishedBy({kSecond});
  EXPECT_EQ(status_.code(), StatusCode::kCancelled);
}

/// Confirms each batch only once the next one is queued or a while has passed, as a broker with a
/// window does.
class PipelinedFake final : public broker::PipelinedPublisher {
 public:
  Status Publish(std::span<const broker::Message> messages, Duration timeout) override {
    return PublishQueued(messages, timeout, [] {});
  }
  Status PublishQueued(std::span<const broker::Message> messages, Duration,
                       const std::function<void()>& queued) override {
    std::unique_lock lock(mutex_);
    if (failures_ > 0 && --failures_ == 0) return FailedPrecondition("no queue");
    for (const broker::Message& message : messages) bodies_.push_back(message.body);
    const std::size_t own = ++batches_;
    changed_.notify_all();
    lock.unlock();
    queued();
    lock.lock();
    const bool overlapped =
        changed_.wait_for(lock, std::chrono::milliseconds(200), [&] { return batches_ > own; });
    overlapped_ += overlapped ? 1 : 0;
    return {};
  }
  void FailAtCall(int number) { failures_ = number; }
  [[nodiscard]] const std::vector<std::string>& bodies() const { return bodies_; }
  [[nodiscard]] int overlapped() const { return overlapped_; }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int failures_ = 0;
  std::size_t batches_ = 0;
  int overlapped_ = 0;
  std::vector<std::string> bodies_;
};

TEST_F(EventFeedTest, ThePipelinedHasTwoBatchesOnTheirWayInOrder) {
  PipelinedFake publisher;
  EventFeed feed(Numbers(2000), publisher, Metrics(), {.max_batch = 100});
  ASSERT_TRUE(feed.Run(stop_.get_token()).ok());
  EXPECT_EQ(feed.published(), 2000U);
  ASSERT_EQ(publisher.bodies().size(), 2000U);
  for (std::size_t i = 0; i < 2000; ++i) ASSERT_EQ(publisher.bodies()[i], std::to_string(i));
  EXPECT_GE(publisher.overlapped(), 1);
}

TEST_F(EventFeedTest, ThePipelinedStopsAtTheCount) {
  PipelinedFake publisher;
  EventFeed feed(Numbers(1'000'000), publisher, Metrics(), {.count = 777, .max_batch = 100});
  ASSERT_TRUE(feed.Run(stop_.get_token()).ok());
  EXPECT_EQ(publisher.bodies().size(), 777U);
}

TEST_F(EventFeedTest, AFailureOfOneBatchEndsThePipelined) {
  PipelinedFake publisher;
  publisher.FailAtCall(5);
  EventFeed feed(Numbers(1'000'000), publisher, Metrics(), {.max_batch = 100});
  EXPECT_EQ(feed.Run(stop_.get_token()).code(), StatusCode::kFailedPrecondition);
  EXPECT_LT(publisher.bodies().size(), 1000U);
}

TEST_F(EventFeedTest, AnUnlimitedRateGoesInWholeBatches) {
  ScriptedPublisher publisher;
  EventFeed feed(Numbers(1000), publisher, Metrics(), {.max_batch = 300});
  ASSERT_TRUE(feed.Run(stop_.get_token()).ok());
  EXPECT_EQ(publisher.sizes(), (std::vector<std::size_t>{300, 300, 300, 100}));
}

}  // namespace
}  // namespace auditflow::pipeline
