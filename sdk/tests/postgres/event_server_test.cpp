#include <atomic>
#include <csignal>
#include <thread>
#include <vector>

#include <pqxx/transaction>

#include "auditflow/postgres/postgres_event_store.hpp"

#include "src/postgres/connection.hpp"
#include "src/postgres/conninfo.hpp"
#include "src/postgres/event_partitions.hpp"
#include "tests/postgres/server_fixture.hpp"
#include "tests/store/numbered_events.hpp"

namespace auditflow::postgres {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;
using store::ArchivedEvent;
using store::EventTime;
using store::InsertOutcome;
using store::NumberedEvent;
using store::NumberedEvents;
using store::NumberedUuid;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;
using testing::StartsWith;

Timestamp At(const char* text) { return Timestamp::Parse(text).value(); }

std::vector<InsertOutcome> Outcomes(const Result<std::vector<store::InsertResult>>& results) {
  std::vector<InsertOutcome> outcomes;
  EXPECT_TRUE(results.has_value()) << (results ? "" : results.error().ToString());
  if (!results) return outcomes;
  for (const auto& result : *results) outcomes.push_back(result.outcome);
  return outcomes;
}

ArchivedEvent EventAt(std::uint64_t number, const char* time) {
  ArchivedEvent event = NumberedEvent(number);
  event.timestamp = At(time);
  return event;
}

class EventServerTest : public SharedServerTest {
 protected:
  std::unique_ptr<PostgresEventStore> OpenArchive(std::uint32_t partition_days = 90) {
    return PostgresEventStore::Create({.connection = options_, .partition_days = partition_days},
                                      clock_)
        .value();
  }
  std::string Partitions() {
    return Sql(
        "SELECT string_agg(replace(relname, 'audit_events_', ''), ' ' ORDER BY relname) FROM "
        "pg_inherits JOIN pg_class ON oid = inhrelid WHERE inhparent = 'audit_events'::regclass");
  }
  std::string CountIn(const std::string& partition) {
    return Sql("SELECT count(*) FROM audit_events_" + partition);
  }

  ManualClock clock_{At("2026-11-20T19:00:00Z")};
};

TEST_F(EventServerTest, ADayHasAPartitionOfItsOwn) {
  const auto archive = OpenArchive();
  const std::vector<ArchivedEvent> events = {EventAt(1, "2026-11-20T00:00:00Z"),
                                             EventAt(2, "2026-11-19T23:59:59.999999999Z"),
                                             EventAt(3, "2026-11-21T10:00:00Z")};
  EXPECT_THAT(Outcomes(archive->Insert(events)), Each(InsertOutcome::kInserted));
  EXPECT_EQ(Partitions(), "20261119 20261120 20261121 other");
  EXPECT_EQ(CountIn("20261119") + CountIn("20261120") + CountIn("20261121"), "111");
  EXPECT_EQ(CountIn("other"), "0");
  // Those of the parent, so that no partition is searched more slowly than another.
  EXPECT_EQ(Sql("SELECT count(*) FROM pg_indexes WHERE tablename = 'audit_events_20261120'"),
            Sql("SELECT count(*) FROM pg_indexes WHERE tablename = 'audit_events_other'"));
  EXPECT_EQ(Sql("SELECT count(*) FROM pg_indexes WHERE tablename = 'audit_events_20261120'"), "5");
}

TEST_F(EventServerTest, AbsurdTimesMakeNoPartitions) {
  const auto archive = OpenArchive(3);
  std::vector<ArchivedEvent> events;
  for (int day = -1000; day <= 1000; ++day) {
    events.push_back(NumberedEvent(static_cast<std::uint64_t>(day + 1000)));
    events.back().timestamp = clock_.Now() + day * hours(24);
  }
  EXPECT_THAT(Outcomes(archive->Insert(events)), Each(InsertOutcome::kInserted));
  EXPECT_EQ(Partitions(), "20261117 20261118 20261119 20261120 20261121 other");
  EXPECT_EQ(CountIn("other"), "1996");
}

TEST_F(EventServerTest, ADayThatComesTakesInWhatWasDatedAhead) {
  const auto archive = OpenArchive();
  const std::vector<ArchivedEvent> ahead = {EventAt(1, "2026-11-22T10:00:00Z"),
                                            EventAt(2, "2026-11-23T10:00:00Z")};
  EXPECT_THAT(Outcomes(archive->Insert(ahead)), Each(InsertOutcome::kInserted));
  EXPECT_EQ(CountIn("other"), "2");
  clock_.SetNow(At("2026-11-22T12:00:00Z"));
  const std::vector<ArchivedEvent> now = {EventAt(3, "2026-11-22T12:00:00Z"), ahead[0]};
  EXPECT_THAT(Outcomes(archive->Insert(now)),
              ElementsAre(InsertOutcome::kInserted, InsertOutcome::kDuplicate));
  EXPECT_EQ(CountIn("20261122"), "2");
  EXPECT_EQ(CountIn("other"), "1");
  EXPECT_EQ(archive->Get(NumberedUuid(1)).value(), ahead[0]);
}

TEST_F(EventServerTest, DroppingADayDropsItsTable) {
  const auto archive = OpenArchive();
  ASSERT_TRUE(archive
                  ->Insert(std::vector<ArchivedEvent>{
                      EventAt(1, "2026-11-17T10:00:00Z"), EventAt(2, "2026-11-18T10:00:00Z"),
                      EventAt(3, "2026-11-19T10:00:00Z"), EventAt(4, "2001-01-01T10:00:00Z")})
                  .has_value());
  Sql("CREATE TABLE audit_events_archived PARTITION OF audit_events FOR VALUES FROM ('1990-01-01') "
      "TO ('1990-01-02')");
  EXPECT_TRUE(archive->DropBefore(At("2026-11-19T23:00:00Z")).ok());
  // A partition that somebody else made and named is somebody else's.
  EXPECT_EQ(Partitions(), "20261119 archived other");
  EXPECT_EQ(Sql("SELECT count(*) FROM audit_events"), "1");
  EXPECT_EQ(Sql("SELECT count(*) FROM pg_class WHERE relname = 'audit_events_20261117'"), "0");
  // The day can come back.
  EXPECT_THAT(
      Outcomes(archive->Insert(std::vector<ArchivedEvent>{EventAt(5, "2026-11-18T10:00:00Z")})),
      ElementsAre(InsertOutcome::kInserted));
  EXPECT_EQ(CountIn("20261118"), "1");
}

TEST_F(EventServerTest, AnotherProcessMayDropTheDayMeanwhile) {
  const auto first = OpenArchive();
  const auto second = OpenArchive();
  ASSERT_TRUE(
      first->Insert(std::vector<ArchivedEvent>{EventAt(1, "2026-11-18T10:00:00Z")}).has_value());
  EXPECT_TRUE(second->DropBefore(At("2026-11-20T00:00:00Z")).ok());
  EXPECT_THAT(
      Outcomes(first->Insert(std::vector<ArchivedEvent>{EventAt(2, "2026-11-18T10:00:00Z")})),
      ElementsAre(InsertOutcome::kInserted));
  EXPECT_EQ(CountIn("other"), "1");
  EXPECT_TRUE(second->DropBefore(At("2026-11-20T00:00:00Z")).ok());
  EXPECT_EQ(CountIn("other"), "0");
}

TEST_F(EventServerTest, ProcessesThatStartTogetherMakeEachPartitionOnce) {
  std::vector<std::thread> threads;
  for (std::uint64_t t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      const auto archive = OpenArchive();
      std::vector<ArchivedEvent> events = NumberedEvents(t * 100, 20);
      for (std::size_t i = 0; i < events.size(); ++i) {
        events[i].timestamp = clock_.Now() - static_cast<int>(i) * hours(24);
      }
      EXPECT_THAT(Outcomes(archive->Insert(events)), Each(InsertOutcome::kInserted));
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(Sql("SELECT count(*) FROM audit_events"), "80");
  EXPECT_EQ(CountIn("other"), "0");
}

TEST_F(EventServerTest, ABatchIsStoredAsAWhole) {
  const auto archive = OpenArchive();
  const std::vector<ArchivedEvent> batch = NumberedEvents(0, 3000);
  EXPECT_THAT(Outcomes(archive->Insert(batch)), Each(InsertOutcome::kInserted));
  EXPECT_EQ(Sql("SELECT count(DISTINCT xmin::text) FROM audit_events"), "1") << "one transaction";
  EXPECT_THAT(Outcomes(archive->Insert(batch)), Each(InsertOutcome::kDuplicate));
}

TEST_F(EventServerTest, ADatabaseOfAnotherEncodingIsRefused) {
  options_.database += "_latin1";
  RunSql(SharedServer()->Options(),
         "CREATE DATABASE " + options_.database + " ENCODING 'LATIN1' TEMPLATE template0");
  const auto archive = OpenArchive();
  EXPECT_THAT(archive->Ping().message(), HasSubstr("this one's is LATIN1"));
  EXPECT_FALSE(archive->Health().up);
}

TEST_F(EventServerTest, AStricterTableRejectsEventsAlone) {
  const auto archive = OpenArchive();
  ASSERT_TRUE(archive->Ping().ok());
  Sql("ALTER TABLE audit_events ADD CONSTRAINT not_three CHECK (user_id <> 'user-3')");
  std::vector<ArchivedEvent> batch = NumberedEvents(0, 20);
  batch[3].has_time = batch[4].has_time = false;
  batch.push_back(batch[5]);
  const auto inserted = archive->Insert(batch);
  ASSERT_TRUE(inserted.has_value()) << inserted.error().ToString();
  for (std::size_t i = 0; i < 20; ++i) {
    const bool bad = i % 5 == 3;
    EXPECT_EQ((*inserted)[i].outcome, bad ? InsertOutcome::kRejected : InsertOutcome::kInserted)
        << i;
  }
  EXPECT_THAT((*inserted)[3].reason, StartsWith("event: the database refuses it: new row"));
  EXPECT_EQ((*inserted)[20].outcome, InsertOutcome::kDuplicate);
  EXPECT_EQ(Sql("SELECT count(*) FROM audit_events"), "16");
  // The session goes on.
  EXPECT_THAT(Outcomes(archive->Insert(NumberedEvents(100, 2))), Each(InsertOutcome::kInserted));
}

TEST_F(EventServerTest, AStricterTableRefusesARuleForGood) {
  const auto archive = OpenArchive();
  const std::vector<ArchivedEvent> events = NumberedEvents(1, 2);
  ASSERT_TRUE(archive->Insert(events).has_value());
  Sql("ALTER TABLE audit_events ADD CONSTRAINT few CHECK (cardinality(rule_ids) < 2)");
  const auto add = [&](const char* rule_id) {
    const store::LaterRule rule = {events[0].event_id, events[0].timestamp, rule_id};
    return archive->AddRules({&rule, 1});
  };
  EXPECT_EQ(add("a").value(), 0U);
  const auto refused = add("b");
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code(), StatusCode::kInvalidArgument) << refused.error().ToString();
  EXPECT_EQ(add("a").value(), 0U);
}

TEST_F(EventServerTest, RulesAreAddedWithinTheDaysOfTheirEvents) {
  const auto archive = OpenArchive();
  const std::vector<ArchivedEvent> events = {EventAt(1, "2026-11-19T00:00:00Z"),
                                             EventAt(2, "2026-11-20T10:00:00.000001999Z")};
  ASSERT_TRUE(archive->Insert(events).has_value());
  const auto connection = Connection::Open(ConnectionString(options_)).value();
  pqxx::work transaction(connection->raw());
  transaction.exec("LOCK TABLE audit_events_20261119");
  options_.lock_timeout = milliseconds(50);
  const auto other = OpenArchive();
  const store::LaterRule rule = {events[1].event_id, events[1].timestamp, "late"};
  EXPECT_EQ(other->AddRules({&rule, 1}).value(), 0U);
  const store::LaterRule held_up = {events[0].event_id, events[0].timestamp, "late"};
  EXPECT_TRUE(other->AddRules({&held_up, 1}).error().retryable());
}

TEST_F(EventServerTest, AListWithATimeRangeLooksAtItsDaysAlone) {
  const auto archive = OpenArchive();
  std::vector<ArchivedEvent> events = NumberedEvents(0, 30);
  for (std::size_t i = 0; i < events.size(); ++i) {
    events[i].timestamp = clock_.Now() - static_cast<int>(i) * hours(24);
  }
  ASSERT_TRUE(archive->Insert(events).has_value());
  {
    // Whoever holds this day's table would be waited for.
    const auto connection = Connection::Open(ConnectionString(options_)).value();
    pqxx::work transaction(connection->raw());
    transaction.exec("LOCK TABLE audit_events_20261110");
    options_.lock_timeout = milliseconds(50);
    const auto other = OpenArchive();
    EXPECT_EQ(other->List({.filter = {.since = At("2026-11-12T00:00:00Z")}}).value().events.size(),
              9U);
    EXPECT_EQ(other->List({.filter = {.until = At("2026-11-09T00:00:00Z")}}).value().events.size(),
              18U);
    const auto stats = other->Stats(
        {.filter = {.since = At("2026-11-12T00:00:00Z"), .until = At("2026-11-13T00:00:00Z")}});
    ASSERT_TRUE(stats.has_value()) << stats.error().ToString();
    EXPECT_EQ(stats->series.at(0).total, 1U);
    EXPECT_FALSE(other->List({}).has_value());
  }
}

TEST_F(EventServerTest, AStatementThatTakesTooLongEndsAndTheArchiveGoesOn) {
  options_.statement_timeout = milliseconds(100);
  const auto archive = OpenArchive();
  ASSERT_TRUE(archive->Insert(NumberedEvents(1, 1)).has_value());
  {
    const auto connection = Connection::Open(ConnectionString(options_)).value();
    pqxx::work transaction(connection->raw());
    transaction.exec("LOCK TABLE audit_events");
    const auto page = archive->List({});
    ASSERT_FALSE(page.has_value());
    EXPECT_EQ(page.error().code(), StatusCode::kDeadlineExceeded);
    EXPECT_EQ(archive->Insert(NumberedEvents(2, 1)).error().code(), StatusCode::kDeadlineExceeded);
    EXPECT_FALSE(archive->DropBefore(clock_.Now() + hours(48)).ok());
  }
  EXPECT_THAT(archive->List({}).value().events, SizeIs(1));
  EXPECT_TRUE(archive->Health().up);
}

TEST_F(EventServerTest, ALostSessionIsReplacedWithinTheCall) {
  const auto archive = OpenArchive();
  for (std::uint64_t n = 1; n <= 5; ++n) {
    EXPECT_THAT(Outcomes(archive->Insert(NumberedEvents(n, 1))),
                ElementsAre(InsertOutcome::kInserted));
    EXPECT_EQ(Sql("SELECT bool_and(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE "
                  "pid <> pg_backend_pid() AND datname = current_database() AND state = 'idle' AND "
                  "upper(query) = 'COMMIT'"),
              "t");
  }
  EXPECT_TRUE(archive->Health().up);
  EXPECT_EQ(Sql("SELECT count(*) FROM audit_events"), "5");
}

TEST_F(EventServerTest, ASessionThatEndsInTheMiddleOfABatchStoresNothingOfIt) {
  const auto archive = OpenArchive();
  ASSERT_TRUE(archive->Insert(NumberedEvents(1, 1)).has_value());
  const auto connection = Connection::Open(ConnectionString(options_)).value();
  auto lock = std::make_unique<pqxx::work>(connection->raw());
  lock->exec("LOCK TABLE audit_events_20261120");
  std::thread insert([&] {
    const auto results = archive->Insert(NumberedEvents(2, 500));
    if (results) return;  // ended before it was noticed, and done again: as good
    EXPECT_EQ(results.error().code(), StatusCode::kUnavailable) << results.error().ToString();
    EXPECT_TRUE(results.error().retryable());
  });
  // Of its own table: this one shows that the rows were copied and are being moved.
  while (Sql("SELECT count(*) FROM pg_locks WHERE NOT granted") != "1") std::this_thread::yield();
  EXPECT_EQ(Sql("SELECT bool_and(pg_terminate_backend(pid)) FROM pg_locks WHERE NOT granted"), "t");
  lock.reset();
  insert.join();
  const std::string count = Sql("SELECT count(*) FROM audit_events");
  EXPECT_THAT(count, testing::AnyOf("1", "501"));
  ASSERT_TRUE(archive->Insert(NumberedEvents(2, 500)).has_value());
  EXPECT_EQ(Sql("SELECT count(*) FROM audit_events"), "501");
}

TEST_F(EventServerTest, TheArchiveAndTheAlertsShareADatabaseOrNot) {
  ASSERT_TRUE(OpenArchive()->Ping().ok());
  EXPECT_EQ(Sql("SELECT to_regclass('alerts') IS NULL"), "t");
  ASSERT_TRUE(Open()->Ping().ok());
  EXPECT_EQ(Sql("SELECT to_regclass('alerts') IS NULL"), "f");
  EXPECT_EQ(Sql("SELECT count(*) FROM auditflow_event_migrations"), "2");
  EXPECT_TRUE(OpenArchive()->Ping().ok());
}

TEST(PostgresEventStoreOptions, AreChecked) {
  EXPECT_THAT(Validate(PostgresEventStoreOptions{.partition_days = 0}).message(),
              HasSubstr("partition_days"));
  EXPECT_THAT(Validate(PostgresEventStoreOptions{.partition_days = 3651}).message(),
              HasSubstr("partition_days"));
  EXPECT_THAT(Validate(PostgresEventStoreOptions{.connection = {.host = ""}}).message(),
              HasSubstr("host"));
  EXPECT_TRUE(Validate(PostgresEventStoreOptions{}).ok());
}

TEST(PartitionName, IsThatOfTheDay) {
  EXPECT_EQ(PartitionName(At("2026-11-20T00:00:00Z")), "audit_events_20261120");
}

class EventFaultServerTest : public OwnServerTest {
 protected:
  [[nodiscard]] std::unique_ptr<PostgresEventStore> OpenArchive() {
    return PostgresEventStore::Create({.connection = options_}, clock_).value();
  }
  static bool Recovers(PostgresEventStore& archive) {
    for (int i = 0; i < 2000; ++i) {
      if (archive.Ping().ok()) return true;
      SystemClock().SleepFor(milliseconds(10), {});
    }
    return false;
  }

  /// Days get partitions by this one; the pool needs one that runs.
  Clock& clock_ = SystemClock();
};

TEST_F(EventFaultServerTest, AnArchiveThatStartsBeforeItsServerComesUpByItself) {
  server_->Stop(SIGINT);
  const auto archive = OpenArchive();
  const auto refused = archive->Insert(NumberedEvents(1, 1));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code(), StatusCode::kUnavailable);
  EXPECT_TRUE(refused.error().retryable());
  EXPECT_FALSE(archive->Health().up);
  ASSERT_TRUE(server_->Run());
  ASSERT_TRUE(Recovers(*archive)) << archive->Health().reason;
  EXPECT_TRUE(archive->Insert(NumberedEvents(1, 3)).has_value());
}

TEST_F(EventFaultServerTest, ACrashOfTheServerLosesNothingThatWasAcknowledged) {
  const auto archive = OpenArchive();
  ASSERT_TRUE(archive->Ping().ok());
  std::atomic<bool> stop = false;
  std::vector<std::uint64_t> acknowledged;
  std::thread writer([&] {
    for (std::uint64_t at = 0; !stop;) {
      if (archive->Insert(NumberedEvents(at, 10))) {
        acknowledged.push_back(at);
        at += 10;
      } else {
        std::this_thread::sleep_for(milliseconds(2));
      }
    }
  });
  for (int round = 0; round < 4; ++round) {
    const std::string before = RunSql(options_, "SELECT count(*) FROM audit_events");
    while (RunSql(options_, "SELECT count(*) > " + before + " + 50 FROM audit_events") != "t") {
      std::this_thread::yield();
    }
    server_->Stop(SIGKILL);
    while (!server_->Run()) std::this_thread::sleep_for(milliseconds(20));
    ASSERT_TRUE(Recovers(*archive)) << archive->Health().reason;
  }
  stop = true;
  writer.join();
  EXPECT_GT(acknowledged.size(), 20U);
  for (const std::uint64_t first : acknowledged) {
    for (std::uint64_t n = first; n < first + 10; ++n) {
      ASSERT_EQ(archive->Get(NumberedUuid(n)).value(), NumberedEvent(n)) << n;
    }
  }
  EXPECT_EQ(RunSql(options_, "SELECT count(*) % 10 FROM audit_events"), "0");
}

TEST_F(EventFaultServerTest, AServerThatNoLongerAnswersIsGivenUpAndFoundAgain) {
  options_.statement_timeout = milliseconds(200);
  options_.stall_grace = milliseconds(100);
  options_.connect_timeout = seconds(2);
  const auto archive = OpenArchive();
  ASSERT_TRUE(archive->Insert(NumberedEvents(1, 1)).has_value());
  server_->SignalAll(SIGSTOP);
  const auto refused = archive->Insert(NumberedEvents(2, 1));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code(), StatusCode::kUnavailable);
  server_->SignalAll(SIGCONT);
  ASSERT_TRUE(Recovers(*archive)) << archive->Health().reason;
  EXPECT_TRUE(archive->Insert(NumberedEvents(2, 1)).has_value());
}

}  // namespace
}  // namespace auditflow::postgres
