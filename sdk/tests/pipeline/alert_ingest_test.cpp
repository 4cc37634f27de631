#include "auditflow/pipeline/alert_ingest.hpp"

#include <gmock/gmock.h>

#include "auditflow/store/in_memory_alert_store.hpp"

#include "tests/pipeline/pipeline_fixture.hpp"

namespace auditflow::pipeline {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

/// Fails as often as it is told to, then hands on.
class FlakyStore final : public store::AlertStore {
 public:
  FlakyStore(store::AlertStore& next, int failures) : next_(next), failures_(failures) {}
  Result<std::vector<store::InsertResult>> Insert(std::span<const alert::Alert> alerts) override {
    if (failures_-- > 0) return Error(Unavailable("the database is away"));
    if (alerts.size() > max_batch_) return Error(DeadlineExceeded("too much at once"));
    return next_.Insert(alerts);
  }
  void TakeAtMost(std::size_t alerts) { max_batch_ = alerts; }
  Result<std::vector<store::StoredAlert>> List(const store::AlertQuery& query) override {
    return next_.List(query);
  }
  Result<std::optional<store::StoredAlert>> Get(const Uuid& id) override { return next_.Get(id); }
  Result<std::uint64_t> Count(const store::AlertQuery& query) override {
    return next_.Count(query);
  }
  Result<std::vector<store::FacetCount>> CountBy(store::AlertFacet facet,
                                                 const store::AlertQuery& query) override {
    return next_.CountBy(facet, query);
  }
  Result<store::StoredAlert> SetStatus(const Uuid& id, store::AlertStatus status,
                                       const store::ChangeNote& note) override {
    return next_.SetStatus(id, status, note);
  }
  Result<store::StoredAlert> Delete(const Uuid& id, const store::ChangeNote& note) override {
    return next_.Delete(id, note);
  }
  Result<std::vector<store::AlertState>> History(const Uuid& id) override {
    return next_.History(id);
  }
  Status Ping() override { return next_.Ping(); }

 private:
  store::AlertStore& next_;
  int failures_;
  std::size_t max_batch_ = 1'000'000;
};

/// Its broker is away, then it is shut down.
class AwayConsumer final : public broker::Consumer {
 public:
  Result<std::vector<broker::Delivery>> Receive(std::size_t, Duration) override {
    return Error(calls_++ == 0 ? Unavailable("the broker is away") : Cancelled("shut down"));
  }
  Status Ack(std::span<const std::uint64_t>) override { return {}; }
  Status Requeue(std::span<const std::uint64_t>) override { return {}; }
  Status DeadLetter(std::uint64_t, std::string_view) override { return {}; }
  void Shutdown() override {}

 private:
  int calls_ = 0;
};

std::string AlertJson(int n) {
  alert::Alert alert;
  alert.alert_id = Uuid::V5(Uuid(), std::to_string(n));
  alert.correlation_id = Uuid::V5(Uuid(), "event " + std::to_string(n));
  alert.timestamp = Timestamp::FromUnixNanos(1'700'000'000'000'000'000);
  alert.alert_name = "alert " + std::to_string(n);
  alert.alert_type = "SECURITY";
  alert.severity = "HIGH";
  alert.raw_event_data = "{}";
  return alert::ToJson(alert);
}

class AlertIngestTest : public PipelineTest {
 protected:
  void Run(int store_failures = 0, Clock& clock = SystemClock(), std::size_t most = 1'000'000) {
    FlakyStore flaky(store_, store_failures);
    flaky.TakeAtMost(most);
    FlakyDeadLetters consumer(broker_.NewConsumer("alerts"), dead_letter_failures_);
    AlertIngestOptions options;
    options.max_wait = Duration{0};
    options.on_stored = [this](const alert::Alert& alert) { stored_.push_back(alert.alert_name); };
    AlertIngest ingest(consumer, flaky, Metrics(), health_, options, clock);
    while (true) {
      const Result<std::size_t> settled = ingest.RunOnce(stop_.get_token());
      ASSERT_TRUE(settled) << settled.error().ToString();
      if (*settled == 0) break;
    }
  }
  observe::NotificationMetrics& Metrics() { return pipeline_metrics_.notification(); }
  void ExpectBalancedLedger() {
    EXPECT_EQ(Metrics().alerts.Settled(), Metrics().alerts.received.Value());
    EXPECT_EQ(broker_.Statistics("alerts").unsettled, 0U);
    EXPECT_EQ(broker_.Statistics("alerts").ready, 0U);
  }

  store::InMemoryAlertStore store_;
  std::vector<std::string> stored_;
  int dead_letter_failures_ = 0;
};

TEST_F(AlertIngestTest, StoresEachAlertOnce) {
  Publish("alerts", {AlertJson(1), AlertJson(2), AlertJson(1)});
  Publish("alerts", {AlertJson(2)});
  Run();
  EXPECT_THAT(stored_, ElementsAre("alert 1", "alert 2"));
  EXPECT_EQ(store_.Count({}).value(), 2U);
  EXPECT_EQ(Metrics().alerts.duplicate.Value(), 2);
  ExpectBalancedLedger();
}

TEST_F(AlertIngestTest, MalformedAlertsGoToTheDeadLetterQueueAndTheOthersAreStored) {
  Publish("alerts", {"nonsense", AlertJson(1), R"({"alert_id":"x"})"});
  Run();
  EXPECT_THAT(stored_, ElementsAre("alert 1"));
  const auto dead = Drain("alerts.dead-letter");
  ASSERT_THAT(dead, SizeIs(2));
  EXPECT_EQ(dead[0].body, "nonsense");
  EXPECT_EQ(dead[1].body, R"({"alert_id":"x"})");
  ExpectBalancedLedger();
}

TEST_F(AlertIngestTest, AnAlertThatCannotBeDeadLetteredIsCountedOnce) {
  std::string rejected = AlertJson(1);
  rejected.replace(rejected.find("SECURITY"), 8, std::string(100, 'x'));  // 50 at most
  Publish("alerts", {"nonsense", AlertJson(2), rejected});
  dead_letter_failures_ = 4;
  Run();
  EXPECT_THAT(stored_, ElementsAre("alert 2"));
  EXPECT_THAT(Drain("alerts.dead-letter"), SizeIs(2));
  EXPECT_EQ(Metrics().alerts.received.Value(), 3);
  ExpectBalancedLedger();
}

TEST_F(AlertIngestTest, ABatchThatTakesTheStoreTooLongGoesInInParts) {
  ManualClock clock;
  std::jthread time([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) clock.Advance(std::chrono::seconds(1));
  });
  std::vector<std::string> alerts;
  for (int i = 0; i < 7; ++i) alerts.push_back(AlertJson(i));
  Publish("alerts", alerts);
  Run(0, clock, 2);
  EXPECT_THAT(stored_, SizeIs(7));
  EXPECT_EQ(store_.Count({}).value(), 7U);
  ExpectBalancedLedger();
}

TEST_F(AlertIngestTest, AQueueWithoutAlertsStillTellsWhetherTheStoreWorks) {
  Run();
  EXPECT_TRUE(health_.IsUp("alert_store"));
  EXPECT_TRUE(health_.IsUp("alert_queue"));
}

TEST_F(AlertIngestTest, AQueueThatIsAwayIsNotTheStoresFault) {
  ManualClock clock;
  std::jthread time([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) clock.Advance(std::chrono::seconds(1));
  });
  AwayConsumer consumer;
  AlertIngest ingest(consumer, store_, Metrics(), health_, {}, clock);
  ingest.Run(stop_.get_token());
  EXPECT_EQ(health_.Snapshot()[0].reason, "the broker is away");
  EXPECT_TRUE(health_.IsUp("alert_store"));
}

TEST_F(AlertIngestTest, WaitsForAStoreThatIsAway) {
  ManualClock clock;
  std::jthread time([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) clock.Advance(std::chrono::seconds(1));
  });
  Publish("alerts", {AlertJson(1)});
  Run(4, clock);
  EXPECT_THAT(stored_, ElementsAre("alert 1"));
  EXPECT_TRUE(health_.IsUp("alert_store"));
  ExpectBalancedLedger();
}

}  // namespace
}  // namespace auditflow::pipeline
