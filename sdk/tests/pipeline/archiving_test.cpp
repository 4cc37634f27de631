#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>

#include "auditflow/alert/alert.hpp"
#include "auditflow/pipeline/analyzer.hpp"
#include "auditflow/pipeline/worker.hpp"
#include "auditflow/store/in_memory_event_store.hpp"

#include "tests/pipeline/pipeline_fixture.hpp"

namespace auditflow::pipeline {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

/// An archive that is away as often as it is told to be.
class FlakyArchive final : public store::EventStore {
 public:
  explicit FlakyArchive(int failures = 0) : failures_(failures) {}

  Result<std::vector<store::InsertResult>> Insert(
      std::span<const store::ArchivedEvent> events) override {
    if (failures_-- > 0) return Error(Unavailable("the archive is away"));
    return store_.Insert(events);
  }
  Result<std::size_t> AddRules(std::span<const store::LaterRule> rules) override {
    if (rule_failures-- > 0) return Error(rule_failure);
    return store_.AddRules(rules);
  }
  Status DropBefore(Timestamp time) override { return store_.DropBefore(time); }
  Result<store::EventPage> List(const store::EventQuery& query) override {
    return store_.List(query);
  }
  Result<std::optional<store::ArchivedEvent>> Get(const Uuid& id) override {
    return store_.Get(id);
  }
  Result<store::EventStats> Stats(const store::StatsQuery& query) override {
    return store_.Stats(query);
  }
  Status Ping() override {
    return failures_-- > 0 ? Unavailable("the archive is away") : store_.Ping();
  }

  std::atomic<int> rule_failures = 0;
  Status rule_failure = Unavailable("the archive is away");

 private:
  store::InMemoryEventStore store_;
  int failures_;
};

class ArchivingTest : public PipelineTest {
 protected:
  Result<std::size_t> RunOnce(Clock& clock = SystemClock(), const DetectorOptions& detector = {}) {
    AnalyzerOptions options;
    options.max_wait = Duration{0};
    options.archive = archive_.get();
    const auto publisher = broker_.NewPublisher("alerts");
    const auto consumer = broker_.NewConsumer("events");
    Analyzer analyzer(*consumer, *publisher, NewDetector(kRules, detector),
                      pipeline_metrics_.analysis(), health_, options, clock);
    return analyzer.RunOnce(stop_.get_token());
  }

  store::ArchivedEvent Archived(int n) {
    const std::string digits = std::to_string(1'000'000 + n).substr(1);
    const auto found =
        archive_->Get(Uuid::Parse("00000000-0000-4000-8000-000000" + digits).value());
    EXPECT_TRUE(found && *found) << n;
    return found && *found ? **found : store::ArchivedEvent();
  }

  std::unique_ptr<FlakyArchive> archive_ = std::make_unique<FlakyArchive>();
};

TEST_F(ArchivingTest, ItsHealthDoesNotWaitForTheFirstEvent) {
  archive_ = std::make_unique<FlakyArchive>(1);
  ASSERT_TRUE(RunOnce());
  EXPECT_FALSE(health_.IsUp("archive"));
  EXPECT_THAT(health_.ToJson(), testing::HasSubstr("the archive is away"));
  ASSERT_TRUE(RunOnce());
  EXPECT_TRUE(health_.IsUp("archive"));
}

TEST_F(ArchivingTest, EveryEventIsKeptWithTheRulesThatMatched) {
  const std::string quiet = EventJson(1, "look", "ann", 0);
  Publish("events",
          {quiet, EventJson(2, "drop", "ann", 1), EventJson(3, "fail", "ann", 2),
           EventJson(4, "fail", "ann", 3), EventJson(5, "fail", "ann", 4), "not an event"});
  ASSERT_TRUE(RunOnce());
  EXPECT_EQ(Archived(1).raw, quiet);
  EXPECT_THAT(Archived(1).rule_ids, IsEmpty());
  EXPECT_EQ(Archived(1).user_id, "ann");
  EXPECT_THAT(Archived(2).rule_ids, ElementsAre("T-1"));
  EXPECT_THAT(Archived(4).rule_ids, ElementsAre("failure"));
  EXPECT_THAT(Archived(5).rule_ids, ElementsAre("failure", "T-2"));
  EXPECT_THAT(archive_->List({})->events, SizeIs(5));
}

TEST_F(ArchivingTest, AnArchiveThatIsAwayHoldsEventsBackAndLosesNone) {
  archive_ = std::make_unique<FlakyArchive>(5);
  Publish("events", {EventJson(1, "drop", "ann", 0)});
  ManualClock clock;
  std::jthread time([&](const std::stop_token& stop) {
    clock.WaitForSleepers(1);
    EXPECT_FALSE(health_.IsUp("archive"));
    EXPECT_EQ(broker_.Statistics("events").unsettled, 1U);
    while (!stop.stop_requested()) clock.Advance(std::chrono::seconds(1));
  });
  ASSERT_TRUE(RunOnce(clock));
  EXPECT_TRUE(health_.IsUp("archive"));
  EXPECT_EQ(broker_.Statistics("events").unsettled, 0U);
  EXPECT_THAT(Archived(1).rule_ids, ElementsAre("T-1"));
}

TEST_F(ArchivingTest, AStopWhileTheArchiveIsAwayLeavesTheEventToTheNext) {
  archive_ = std::make_unique<FlakyArchive>(1);
  Publish("events", {EventJson(1, "drop", "ann", 0)});
  ManualClock clock;
  std::jthread stopper([&] {
    clock.WaitForSleepers(1);
    stop_.request_stop();
  });
  const auto stopped = RunOnce(clock);
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code(), StatusCode::kCancelled);
  EXPECT_THAT(archive_->List({})->events, IsEmpty());
  stop_ = {};
  ASSERT_TRUE(RunOnce());
  EXPECT_THAT(archive_->List({})->events, SizeIs(1));
  const auto alerts = Drain("alerts");
  ASSERT_THAT(alerts, SizeIs(2));  // once more, and told by its id
  EXPECT_EQ(alerts[0].message_id, alerts[1].message_id);
}

/// Correlations wait two seconds for late events, so that most are met by events of batches before.
class LaterRulesTest : public ArchivingTest {
 protected:
  LaterRulesTest() {
    DetectorOptions detector;
    detector.allowed_lateness = std::chrono::seconds(2);
    AnalyzerOptions options;
    options.max_wait = Duration{0};
    options.archive = archive_.get();
    auto made = Detector::Create(TestRules(), detector, clock_);
    analyzer_ = std::make_unique<Analyzer>(*consumer_, *publisher_, *std::move(made),
                                           pipeline_metrics_.analysis(), health_, options, clock_);
  }
  void Run(std::vector<std::string> bodies = {}) {
    Publish("events", std::move(bodies));
    const auto done = analyzer_->RunOnce(stop_.get_token());
    ASSERT_TRUE(done) << done.error().ToString();
  }
  double Counted(std::string_view outcome) {
    return pipeline_metrics_.analysis().archived_rules.With({outcome}).Value();
  }
  /// Three failures, of which the last meets T-2 once an event two seconds later comes.
  void RunThreeFailures() {
    Run({EventJson(1, "fail", "ann", 0), EventJson(2, "fail", "ann", 1),
         EventJson(3, "fail", "ann", 2)});
    EXPECT_THAT(Archived(3).rule_ids, ElementsAre("failure"));
  }

  ManualClock clock_{Timestamp::FromUnixNanos(1'700'000'002'000'000'000)};
  std::unique_ptr<broker::Consumer> consumer_ = broker_.NewConsumer("events");
  std::unique_ptr<broker::Publisher> publisher_ = broker_.NewPublisher("alerts");
  std::unique_ptr<Analyzer> analyzer_;
};

TEST_F(LaterRulesTest, ACorrelationMetByAnEarlierEventIsAmongItsRules) {
  RunThreeFailures();
  Run({EventJson(4, "fail", "ann", 10)});
  EXPECT_THAT(Archived(3).rule_ids, ElementsAre("failure", "T-2"));
  EXPECT_THAT(Archived(2).rule_ids, ElementsAre("failure"));
  EXPECT_EQ(Counted("added"), 1);
  EXPECT_THAT(Drain("alerts"), SizeIs(1));
}

TEST_F(LaterRulesTest, LikewiseOneThatTimeHasMet) {
  RunThreeFailures();
  clock_.Advance(std::chrono::seconds(5));
  Run();
  EXPECT_THAT(Archived(3).rule_ids, ElementsAre("failure", "T-2"));
  EXPECT_THAT(Drain("alerts"), SizeIs(1));
}

TEST_F(LaterRulesTest, LikewiseOneThatTheEndHasMet) {
  RunThreeFailures();
  stop_.request_stop();
  analyzer_->Run(stop_.get_token());
  EXPECT_THAT(Archived(3).rule_ids, ElementsAre("failure", "T-2"));
  EXPECT_THAT(Drain("alerts"), SizeIs(1));
}

TEST_F(LaterRulesTest, AnArchiveThatIsAwayHoldsTheBatchBack) {
  RunThreeFailures();
  archive_->rule_failures = 3;
  std::jthread time([&](const std::stop_token& stop) {
    clock_.WaitForSleepers(1);
    EXPECT_FALSE(health_.IsUp("archive"));
    EXPECT_EQ(broker_.Statistics("events").unsettled, 1U);
    while (!stop.stop_requested()) clock_.Advance(std::chrono::seconds(1));
  });
  Run({EventJson(4, "fail", "ann", 10)});
  EXPECT_TRUE(health_.IsUp("archive"));
  EXPECT_EQ(broker_.Statistics("events").unsettled, 0U);
  EXPECT_THAT(Archived(3).rule_ids, ElementsAre("failure", "T-2"));
}

TEST_F(LaterRulesTest, WhatTheArchiveRefusesForGoodHoldsNothingBack) {
  RunThreeFailures();
  archive_->rule_failures = 1;
  archive_->rule_failure = InvalidArgument("the table is stricter");
  Run({EventJson(4, "fail", "ann", 10)});
  EXPECT_EQ(broker_.Statistics("events").unsettled, 0U);
  EXPECT_EQ(Counted("refused"), 1);
  EXPECT_THAT(Archived(3).rule_ids, ElementsAre("failure"));
}

TEST_F(LaterRulesTest, ARuleWaitsForAnEventThatIsNotArchivedYet) {
  RunThreeFailures();
  const store::ArchivedEvent third = Archived(3);
  // As if another replica had taken it and were slower.
  ASSERT_TRUE(archive_->DropBefore(third.timestamp + std::chrono::hours(48)).ok());
  Run({EventJson(4, "fail", "ann", 10)});
  EXPECT_EQ(Counted("waiting"), 1);
  ASSERT_TRUE(archive_->Insert({&third, 1}));
  EXPECT_THAT(Archived(3).rule_ids, ElementsAre("failure", "T-2"));
}

/// With batches of two events, finished while the next are evaluated.
class BackgroundTest : public ArchivingTest {
 protected:
  void Start(broker::Publisher& publisher, Clock& clock = SystemClock(),
             std::unique_ptr<Detector> detector = NewDetector()) {
    AnalyzerOptions options;
    options.max_batch = 2;
    options.max_wait = std::chrono::milliseconds(1);
    options.archive = archive_.get();
    options.finish_in_background = true;
    analyzer_ = std::make_unique<Analyzer>(*consumer_, publisher, std::move(detector),
                                           pipeline_metrics_.analysis(), health_, options, clock);
    worker_ = std::make_unique<Worker>([this](const std::stop_token& s) { analyzer_->Run(s); });
  }
  void PublishDrops(int count) {
    std::vector<std::string> bodies;
    for (int i = 0; i < count; ++i) bodies.push_back(EventJson(i, "drop", "ann", i));
    Publish("events", std::move(bodies));
  }
  void Stop() {
    worker_->RequestStop();
    ASSERT_TRUE(worker_->WaitFor(std::chrono::seconds(30)));
  }

  std::unique_ptr<broker::Consumer> consumer_ = broker_.NewConsumer("events");
  std::unique_ptr<Analyzer> analyzer_;
  std::unique_ptr<Worker> worker_;
};

/// Lets nothing through until it is opened.
class Gate final : public broker::Publisher {
 public:
  explicit Gate(std::unique_ptr<broker::Publisher> next) : next_(std::move(next)) {}
  Status Publish(std::span<const broker::Message> messages, Duration timeout) override {
    return open ? next_->Publish(messages, timeout) : Unavailable("closed");
  }

  std::atomic<bool> open = false;

 private:
  std::unique_ptr<broker::Publisher> next_;
};

TEST_F(BackgroundTest, EveryBatchIsFinishedInItsOrderBeforeTheEnd) {
  Gate publisher(broker_.NewPublisher("alerts"));
  publisher.open = true;
  PublishDrops(101);
  PublishDrops(10);  // duplicates
  Start(publisher);
  while (pipeline_metrics_.analysis().events.Settled() < 111) std::this_thread::yield();
  Stop();
  const auto alerts = Drain("alerts");
  ASSERT_THAT(alerts, SizeIs(101));
  for (int i = 0; i < 101; ++i) {
    EXPECT_EQ(alert::FromJson(alerts[static_cast<std::size_t>(i)].body)->raw_event_data,
              EventJson(i, "drop", "ann", i));
  }
  EXPECT_EQ(pipeline_metrics_.analysis().events.duplicate.Value(), 10);
  EXPECT_EQ(broker_.Statistics("events").unsettled, 0U);
  EXPECT_THAT(archive_->List({.limit = 500})->events, SizeIs(101));
}

TEST_F(BackgroundTest, NothingIsAcknowledgedBeforeItsAlertsArePublished) {
  Gate publisher(broker_.NewPublisher("alerts"));
  PublishDrops(20);
  ManualClock clock;
  Start(publisher, clock);
  clock.WaitForSleepers(1);  // waits to try again
  EXPECT_FALSE(health_.IsUp("publishing"));
  Stop();
  consumer_->Shutdown();
  EXPECT_EQ(broker_.Statistics("events").ready, 20U);
  EXPECT_EQ(pipeline_metrics_.analysis().processed.Value(), 0);
}

TEST_F(BackgroundTest, GoesOnOnceAlertsCanBePublishedAgain) {
  Gate publisher(broker_.NewPublisher("alerts"));
  PublishDrops(20);
  ManualClock clock;
  Start(publisher, clock);
  clock.WaitForSleepers(1);
  publisher.open = true;
  while (pipeline_metrics_.analysis().processed.Value() < 20) {
    clock.Advance(std::chrono::seconds(1));
    std::this_thread::yield();
  }
  Stop();
  EXPECT_THAT(Drain("alerts"), SizeIs(20));
  EXPECT_TRUE(health_.IsUp("publishing"));
}

/// Takes messages at once and confirms them when it is told to. The first `failures` confirms are
/// failures, whose messages it drops.
class LateConfirms final : public broker::Publisher {
 public:
  explicit LateConfirms(std::unique_ptr<broker::Publisher> next, int failures = 0)
      : next_(std::move(next)), failures_(failures) {}

  Status Publish(std::span<const broker::Message> messages, Duration timeout) override {
    return Start({messages.begin(), messages.end()}, timeout)->Wait();
  }
  std::unique_ptr<broker::PendingPublish> Start(std::vector<broker::Message> messages,
                                                Duration timeout) override {
    ++started;
    return std::make_unique<Pending>(*this, std::move(messages), timeout);
  }

  std::atomic<int> started = 0;
  std::atomic<bool> confirm = false;

 private:
  class Pending final : public broker::PendingPublish {
   public:
    Pending(LateConfirms& publisher, std::vector<broker::Message> messages, Duration timeout)
        : publisher_(publisher), messages_(std::move(messages)), timeout_(timeout) {}
    Status Wait() override {
      publisher_.confirm.wait(false);
      if (publisher_.failures_-- > 0) return Unavailable("lost");
      return publisher_.next_->Publish(messages_, timeout_);
    }

   private:
    LateConfirms& publisher_;
    const std::vector<broker::Message> messages_;
    const Duration timeout_;
  };

  std::unique_ptr<broker::Publisher> next_;
  int failures_;
};

TEST_F(BackgroundTest, AlertsOfSeveralBatchesWaitForTheirConfirmsAtOnce) {
  LateConfirms publisher(broker_.NewPublisher("alerts"));
  PublishDrops(8);
  ManualClock clock;
  Start(publisher, clock);
  while (publisher.started < 4) std::this_thread::yield();
  EXPECT_EQ(pipeline_metrics_.analysis().processed.Value(), 0);
  EXPECT_EQ(broker_.Statistics("events").unsettled, 8U);
  publisher.confirm = true;
  publisher.confirm.notify_all();
  while (pipeline_metrics_.analysis().processed.Value() < 8) std::this_thread::yield();
  Stop();
  EXPECT_EQ(publisher.started, 4);
  const auto alerts = Drain("alerts");
  ASSERT_THAT(alerts, SizeIs(8));
  for (int i = 0; i < 8; ++i) {
    EXPECT_EQ(alert::FromJson(alerts[static_cast<std::size_t>(i)].body)->raw_event_data,
              EventJson(i, "drop", "ann", i));
  }
}

TEST_F(BackgroundTest, AlertsThatGotLostArePublishedAgainBeforeTheirEventsAreAcknowledged) {
  LateConfirms publisher(broker_.NewPublisher("alerts"), 2);
  publisher.confirm = true;
  PublishDrops(8);
  ManualClock clock;
  Start(publisher, clock);
  while (pipeline_metrics_.analysis().processed.Value() < 8) {
    EXPECT_LE(pipeline_metrics_.analysis().processed.Value(), broker_.Statistics("alerts").ready);
    clock.Advance(std::chrono::seconds(1));
    std::this_thread::yield();
  }
  Stop();
  EXPECT_EQ(publisher.started, 6);
  EXPECT_THAT(Drain("alerts"), SizeIs(8));
}

/// Counts what is said to be dealt with.
class CountingStore final : public correlate::WindowStore {
 public:
  CountingStore(std::unique_ptr<correlate::WindowStore> next, std::atomic<int>& settled)
      : next_(std::move(next)), settled_(settled) {}
  Result<std::vector<correlate::Firing>> Apply(
      std::span<const correlate::WindowUpdate> updates) override {
    return next_->Apply(updates);
  }
  Result<std::vector<correlate::Firing>> Release(Timestamp now) override {
    auto firings = next_->Release(now);
    if (firings && !firings->empty()) settled_ = 0;
    return firings;
  }
  void Settle() override { ++settled_; }
  [[nodiscard]] correlate::WindowStatistics Statistics() const override {
    return next_->Statistics();
  }

 private:
  std::unique_ptr<correlate::WindowStore> next_;
  std::atomic<int>& settled_;
};

TEST_F(BackgroundTest, WhatWasReleasedIsSettledOnlyOnceItIsPublished) {
  LateConfirms publisher(broker_.NewPublisher("alerts"));
  std::atomic<int> settled = -1;
  DetectorOptions windows;
  windows.window_store = [&](std::vector<correlate::WindowSpec> specs) {
    return std::make_unique<CountingStore>(
        correlate::NewInMemoryWindowStore(std::move(specs), std::chrono::milliseconds(1)), settled);
  };
  Publish("events", {EventJson(1, "fail", "ann", 0), EventJson(2, "fail", "ann", 0),
                     EventJson(3, "fail", "ann", 0)});
  Start(publisher, SystemClock(), NewDetector(kRules, windows));
  while (publisher.started == 0) std::this_thread::yield();
  EXPECT_EQ(settled, 0);
  publisher.confirm = true;
  publisher.confirm.notify_all();
  while (settled == 0) std::this_thread::yield();
  Stop();
  EXPECT_THAT(Drain("alerts"), SizeIs(1));
}

TEST_F(BackgroundTest, RulesAreReplacedBetweenBatches) {
  Gate publisher(broker_.NewPublisher("alerts"));
  publisher.open = true;
  Start(publisher);
  for (int round = 0; round < 20; ++round) {
    Publish("events", {EventJson(round, "drop", "ann", round)});
    analyzer_->UseRules(TestRules());
  }
  while (pipeline_metrics_.analysis().processed.Value() < 20) std::this_thread::yield();
  Stop();
  EXPECT_THAT(Drain("alerts"), SizeIs(20));
}

TEST_F(ArchivingTest, WithoutAnArchiveThereIsNoSuchComponent) {
  archive_ = nullptr;
  Publish("events", {EventJson(1, "drop", "ann", 0)});
  ASSERT_TRUE(RunOnce());
  for (const auto& component : health_.Snapshot()) EXPECT_NE(component.name, "archive");
}

}  // namespace
}  // namespace auditflow::pipeline
