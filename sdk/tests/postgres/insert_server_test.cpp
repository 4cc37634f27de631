#include <thread>
#include <vector>

#include "tests/postgres/server_fixture.hpp"
#include "tests/store/numbered_alerts.hpp"

namespace auditflow::postgres {
namespace {

using store::InsertOutcome;
using store::NumberedAlert;
using store::NumberedAlerts;
using store::NumberedUuid;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

using InsertServerTest = SharedServerTest;

std::vector<InsertOutcome> Outcomes(const std::vector<store::InsertResult>& results) {
  std::vector<InsertOutcome> outcomes;
  for (const auto& result : results) outcomes.push_back(result.outcome);
  return outcomes;
}

TEST_F(InsertServerTest, ABatchOfManyStatementsIsStoredAsAWhole) {
  const auto store = Open();
  const std::vector<alert::Alert> batch = NumberedAlerts(0, 2500);
  const auto inserted = store->Insert(batch);
  ASSERT_TRUE(inserted.has_value()) << inserted.error().ToString();
  const auto& results = *inserted;
  EXPECT_THAT(Outcomes(results), testing::Each(InsertOutcome::kInserted));
  EXPECT_EQ(store->Count({}).value(), 2500U);
  EXPECT_EQ(Sql("SELECT count(DISTINCT xmin::text) FROM alerts"), "1") << "one transaction";
  EXPECT_THAT(Outcomes(store->Insert(batch).value()), testing::Each(InsertOutcome::kDuplicate));
}

TEST_F(InsertServerTest, LargeEventsAreKeptByteForByte) {
  const auto store = Open();
  std::vector<alert::Alert> batch = NumberedAlerts(1, 6);
  std::string quotes;
  for (int i = 0; i < 1'500'000; ++i) quotes += "\\\"";
  for (alert::Alert& alert : batch) {
    alert.raw_event_data = R"({"z" : 1, "a":  "\u00e9)" + quotes + "\"}";
  }
  EXPECT_THAT(Outcomes(store->Insert(batch).value()), testing::Each(InsertOutcome::kInserted));
  EXPECT_EQ(store->Get(NumberedUuid(3)).value()->alert, batch[2]);
}

TEST_F(InsertServerTest, AnAlertThatOnlyTheDatabaseRefusesIsRejectedAloneAndNamed) {
  options_.database += "_latin1";
  RunSql(SharedServer()->Options(),
         "CREATE DATABASE " + options_.database + " ENCODING 'LATIN1' TEMPLATE template0");
  const auto store = Open();
  std::vector<alert::Alert> batch = NumberedAlerts(0, 40);
  batch[3].triggered_by.actor_id = "\xE2\x82\xAC";  // the euro sign, which Latin-1 lacks
  batch[17].metadata.remediation_guidance = "\xE2\x82\xAC";
  batch[39].raw_event_data = "{\"a\":\"\xE2\x82\xAC\"}";
  const auto inserted = store->Insert(batch);
  ASSERT_TRUE(inserted.has_value()) << inserted.error().ToString();
  const auto& results = *inserted;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const bool bad = i == 3 || i == 17 || i == 39;
    EXPECT_EQ(results[i].outcome, bad ? InsertOutcome::kRejected : InsertOutcome::kInserted) << i;
  }
  EXPECT_THAT(results[3].reason,
              StartsWith("triggered_by.actor_id: the database refuses it: character with byte"));
  EXPECT_THAT(results[17].reason, StartsWith("metadata: "));
  EXPECT_THAT(results[39].reason, StartsWith("raw_event_data: "));
  EXPECT_EQ(store->Count({}).value(), 37U);
  EXPECT_EQ(store->Get(NumberedUuid(4)).value()->alert, NumberedAlert(4));
}

TEST_F(InsertServerTest, NumbersBeyondJsonbAreRejectedAlone) {
  const auto store = Open();
  std::vector<alert::Alert> batch = NumberedAlerts(1, 3);
  batch[1].raw_event_data = R"({"n":1e-20000})";
  const auto inserted = store->Insert(batch);
  ASSERT_TRUE(inserted.has_value()) << inserted.error().ToString();
  const auto& results = *inserted;
  ASSERT_EQ(results[1].outcome, InsertOutcome::kRejected);
  EXPECT_THAT(results[1].reason, StartsWith("raw_event_data: "));
  EXPECT_EQ(store->Count({}).value(), 2U);
}

TEST_F(InsertServerTest, AStricterTableRejectsAlertsAlone) {
  const auto store = Open();
  ASSERT_TRUE(store->Ping().ok());
  Sql("ALTER TABLE alerts ADD CONSTRAINT not_seven CHECK (description <> 'number 7')");
  const auto results = store->Insert(NumberedAlerts(0, 10)).value();
  EXPECT_EQ(results[7].outcome, InsertOutcome::kRejected);
  EXPECT_THAT(results[7].reason, HasSubstr("violates check constraint \"not_seven\""));
  EXPECT_EQ(store->Count({}).value(), 9U);
}

TEST_F(InsertServerTest, ARejectedAlertDoesNotHideALaterOneWithItsId) {
  const auto store = Open();
  std::vector<alert::Alert> batch = {NumberedAlert(1), NumberedAlert(1)};
  batch[0].severity = "";
  batch[0].alert_name = "\xff";
  EXPECT_THAT(Outcomes(store->Insert(batch).value()),
              ElementsAre(InsertOutcome::kRejected, InsertOutcome::kInserted));
}

TEST_F(InsertServerTest, BatchesWithTheSameAlertsInOtherOrdersDoNotLockEachOtherOut) {
  const auto store = Open();
  std::vector<std::thread> threads;
  std::atomic<int> inserted = 0;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (std::uint64_t round = 0; round < 10; ++round) {
        std::vector<alert::Alert> batch = NumberedAlerts(round * 50, 50);
        if (t % 2 == 0) std::reverse(batch.begin(), batch.end());
        const std::vector<store::InsertResult> results = store->Insert(batch).value();
        for (const store::InsertResult& result : results) {
          if (result.outcome == InsertOutcome::kInserted) ++inserted;
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(inserted, 500);
}

TEST_F(InsertServerTest, PagesDeepInTheListUseTheIndex) {
  const auto store = Open();
  ASSERT_TRUE(store->Insert(NumberedAlerts(0, 2000)).has_value());
  Sql("ANALYZE alerts");
  EXPECT_THAT(
      Sql("EXPLAIN SELECT * FROM alerts WHERE NOT deleted AND (timestamp, timestamp_nanos, "
          "coalesce(received_at, timestamp), received_nanos, alert_id) < "
          "('2026-11-20T18:10:00Z', 1::smallint, '2026-11-20T18:10:00Z', 0::smallint, "
          "'00000000-0000-0000-0000-000000000000') ORDER BY timestamp DESC, timestamp_nanos "
          "DESC, coalesce(received_at, timestamp) DESC, received_nanos DESC, alert_id DESC "
          "LIMIT 10"),
      StartsWith("Limit"));
  EXPECT_THAT(
      Sql("SET enable_seqscan = off; SET enable_bitmapscan = off; CREATE TEMP TABLE plan (line "
          "text);"
          "DO $$ DECLARE line text; BEGIN FOR line IN EXPLAIN SELECT * FROM alerts WHERE "
          "(timestamp, "
          "timestamp_nanos, coalesce(received_at, timestamp), received_nanos, alert_id) < "
          "('2026-11-20T18:10:00Z', 1::smallint, '2026-11-20T18:10:00Z', 0::smallint, "
          "'00000000-0000-0000-0000-000000000000'::uuid) ORDER BY timestamp DESC, timestamp_nanos "
          "DESC, coalesce(received_at, timestamp) DESC, received_nanos DESC, alert_id DESC LIMIT "
          "10 "
          "LOOP INSERT INTO plan VALUES (line); END LOOP; END $$;"
          "SELECT string_agg(line, ' ') FROM plan"),
      testing::AllOf(HasSubstr("Index Scan using alerts_newest"), HasSubstr("Index Cond"),
                     testing::Not(HasSubstr("Sort"))));
}

}  // namespace
}  // namespace auditflow::postgres
