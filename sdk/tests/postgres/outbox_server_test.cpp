#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/postgres/server_fixture.hpp"
#include "tests/store/outbox_suite.hpp"

namespace auditflow {
namespace postgres {
namespace {

using store::NumberedAlerts;
using store::NumberedUuid;

class PostgresOutboxHarness final : public store::OutboxHarness {
 public:
  void Open(const std::vector<store::OutboxTarget>& targets) override {
    store_ = PostgresAlertStore::Create(SharedServer()->NewDatabase(), targets, clock).value();
  }
  store::AlertStore& store() override { return *store_; }
  store::Outbox& outbox() override { return store_->outbox(); }

 private:
  std::unique_ptr<PostgresAlertStore> store_;
};

std::unique_ptr<store::OutboxHarness> MakeHarness() {
  if (PostgresServer::IsMissing()) return nullptr;
  EXPECT_NE(SharedServer(), nullptr);
  return std::make_unique<PostgresOutboxHarness>();
}

class OutboxServerTest : public SharedServerTest {
 protected:
  std::unique_ptr<PostgresAlertStore> OpenWithHook() {
    return PostgresAlertStore::Create(options_, {{.channel = "hook"}}, clock_).value();
  }
  const store::ClaimRequest request_{"hook", 10, std::chrono::minutes(1)};
  ManualClock clock_{Timestamp::Parse("2026-11-20T19:00:00Z").value()};
};

TEST_F(OutboxServerTest, AnEntryIsCommittedWithItsAlertOrNotAtAll) {
  const auto store = OpenWithHook();
  ASSERT_TRUE(store->Ping().ok());
  Sql("ALTER TABLE notification_outbox RENAME TO away");
  EXPECT_FALSE(store->Insert(NumberedAlerts(1, 2)).has_value());
  EXPECT_EQ(store->Count({}).value(), 0U);
  Sql("ALTER TABLE away RENAME TO notification_outbox");
  ASSERT_TRUE(store->Insert(NumberedAlerts(1, 2)).has_value());
  EXPECT_EQ(store->outbox().Claim(request_).value().size(), 2U);
}

TEST_F(OutboxServerTest, ABatchWithABadRowTellsOfTheOthers) {
  const auto store = OpenWithHook();
  std::vector<alert::Alert> alerts = NumberedAlerts(1, 4);
  alerts[1].raw_event_data = R"({"n":1e999999})";  // no jsonb can hold it
  ASSERT_TRUE(store->Insert(alerts).has_value());
  const auto claimed = store->outbox().Claim(request_).value();
  ASSERT_EQ(claimed.size(), 3U);
  for (const auto& entry : claimed) EXPECT_NE(entry.alert.alert_id, alerts[1].alert_id);
}

TEST_F(OutboxServerTest, AnEntryWithoutItsAlertIsDropped) {
  const auto store = OpenWithHook();
  ASSERT_TRUE(store->Insert(NumberedAlerts(1, 2)).has_value());
  Sql("DELETE FROM alerts WHERE alert_id = '" + NumberedUuid(1).ToString() + "'");
  const auto claimed = store->outbox().Claim(request_).value();
  ASSERT_EQ(claimed.size(), 1U);
  EXPECT_EQ(claimed[0].alert.alert_id, NumberedUuid(2));
  EXPECT_EQ(store->outbox().Numbers().value().at(0).pending, 1U);
}

TEST_F(OutboxServerTest, WhatAnotherTransactionHoldsIsPassedOver) {
  const auto store = OpenWithHook();
  ASSERT_TRUE(store->Insert(NumberedAlerts(1, 2)).has_value());
  // Two stores are two programs: neither waits for the other, and they get different entries.
  const auto other = OpenWithHook();
  const auto first = store->outbox().Claim({"hook", 1, std::chrono::minutes(1)}).value();
  const auto second = other->outbox().Claim({"hook", 1, std::chrono::minutes(1)}).value();
  ASSERT_EQ(first.size(), 1U);
  ASSERT_EQ(second.size(), 1U);
  EXPECT_NE(first[0].id, second[0].id);
}

TEST_F(OutboxServerTest, AKilledWorkersEntryIsDueAgainWithTheSameKey) {
  {
    const auto store = OpenWithHook();
    ASSERT_TRUE(store->Insert(NumberedAlerts(1, 1)).has_value());
  }
  const pid_t child = ::fork();
  if (child == 0) {
    const auto store = OpenWithHook();
    const bool has = store->outbox().Claim(request_).value().size() == 1;
    ::kill(::getpid(), has ? SIGKILL : SIGTERM);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_EQ(WTERMSIG(status), SIGKILL);
  const auto store = OpenWithHook();
  EXPECT_THAT(store->outbox().Claim(request_).value(), testing::IsEmpty());
  clock_.Advance(std::chrono::minutes(1));
  const auto claimed = store->outbox().Claim(request_).value();
  ASSERT_EQ(claimed.size(), 1U);
  EXPECT_EQ(claimed[0].attempts, 2U);
  EXPECT_EQ(claimed[0].idempotency_key, store::IdempotencyKey(NumberedUuid(1), "hook"));
}

}  // namespace
}  // namespace postgres

namespace store {

INSTANTIATE_TEST_SUITE_P(Server, OutboxSuite,
                         testing::Values(OutboxSuiteParam{"postgres", postgres::MakeHarness}),
                         OutboxSuiteName);

}  // namespace store
}  // namespace auditflow
