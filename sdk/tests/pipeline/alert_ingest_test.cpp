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
    return next_.Insert(alerts);
  }
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
  void Run(int store_failures = 0, Clock& clock = SystemClock()) {
    FlakyStore flaky(store_, store_failures);
    const auto consumer = broker_.NewConsumer("alerts");
    AlertIngestOptions options;
    options.max_wait = Duration{0};
    options.on_stored = [this](const alert::Alert& alert) { stored_.push_back(alert.alert_name); };
    AlertIngest ingest(*consumer, flaky, Metrics(), health_, options, clock);
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
