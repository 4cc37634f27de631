#include <atomic>
#include <csignal>
#include <mutex>
#include <thread>
#include <vector>

#include <pqxx/nontransaction>
#include <pqxx/result>
#include <pqxx/transaction>

#include "src/postgres/connection.hpp"
#include "src/postgres/conninfo.hpp"
#include "tests/postgres/server_fixture.hpp"
#include "tests/store/numbered_alerts.hpp"

namespace auditflow::postgres {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using store::NumberedAlert;
using store::NumberedAlerts;
using store::NumberedUuid;
using testing::HasSubstr;
using testing::Not;

/// Holds the table against everybody until it is destroyed.
class TableLock {
 public:
  explicit TableLock(const PostgresOptions& options)
      : connection_(Connection::Open(ConnectionString(options)).value()),
        transaction_(connection_->raw()) {
    transaction_.exec("LOCK TABLE alerts");
  }

 private:
  std::unique_ptr<Connection> connection_;
  pqxx::work transaction_;
};

using TimeoutServerTest = SharedServerTest;

TEST_F(TimeoutServerTest, AStatementThatTakesTooLongEndsAndTheStoreGoesOn) {
  options_.statement_timeout = milliseconds(100);
  const auto store = Open();
  ASSERT_TRUE(store->Insert(NumberedAlerts(1, 1)).has_value());
  {
    const TableLock lock(options_);
    const auto count = store->Count({});
    ASSERT_FALSE(count.has_value());
    EXPECT_EQ(count.error().code(), StatusCode::kDeadlineExceeded);
    EXPECT_TRUE(count.error().retryable());
    EXPECT_EQ(store->Insert(NumberedAlerts(2, 1)).error().code(), StatusCode::kDeadlineExceeded);
  }
  EXPECT_EQ(store->Count({}).value(), 1U);
  EXPECT_TRUE(store->Health().up);
}

TEST_F(TimeoutServerTest, AnothersLockIsWaitedForOnlySoLong) {
  options_.lock_timeout = milliseconds(50);
  const auto store = Open();
  ASSERT_TRUE(store->Insert(NumberedAlerts(1, 1)).has_value());
  const TableLock lock(options_);
  const auto count = store->Count({});
  ASSERT_FALSE(count.has_value());
  EXPECT_EQ(count.error().code(), StatusCode::kAborted);
  EXPECT_TRUE(count.error().retryable());
}

TEST_F(TimeoutServerTest, WhenAllConnectionsAreInUseACallerWaitsItsTurnOrIsTold) {
  options_.max_connections = 1;
  ManualClock clock;
  const auto store = Open(clock);
  ASSERT_TRUE(store->Insert(NumberedAlerts(1, 1)).has_value());
  const std::uint64_t waits_for_the_start = store->Pool().waits;
  auto lock = std::make_unique<TableLock>(options_);
  std::thread first([&] { EXPECT_EQ(store->Count({}).value(), 1U); });
  // The one connection waits for the lock: only then is the pool exhausted.
  while (Sql("SELECT count(*) FROM pg_locks WHERE NOT granted") != "1") std::this_thread::yield();
  std::thread second([&] {
    const auto count = store->Count({});
    ASSERT_FALSE(count.has_value());
    EXPECT_EQ(count.error(), ResourceExhausted("all 1 connections to the database are in use"));
  });
  clock.WaitForSleepers(3);  // keeper, watchdog, second
  clock.Advance(options_.acquire_timeout);
  second.join();
  std::thread third([&] { EXPECT_EQ(store->Count({}).value(), 1U); });
  clock.WaitForSleepers(3);
  EXPECT_EQ(store->Pool().in_use, 1U);
  EXPECT_EQ(store->Pool().waiting, 1U);
  lock.reset();
  first.join();
  third.join();
  const PoolStatistics pool = store->Pool();
  EXPECT_EQ(pool.max_connections, 1U);
  EXPECT_EQ(pool.idle, 1U);
  EXPECT_EQ(pool.in_use, 0U);
  EXPECT_EQ(pool.waits, waits_for_the_start + 2);
  EXPECT_EQ(pool.timed_out, 1U);
  EXPECT_EQ(pool.waited, options_.acquire_timeout);
  EXPECT_EQ(pool.opened, 1U);
}

TEST_F(TimeoutServerTest, ALostSessionIsReplacedWithinTheCall) {
  const auto store = Open();
  for (std::uint64_t n = 1; n <= 5; ++n) {
    ASSERT_TRUE(store->Insert(NumberedAlerts(n, 1)).has_value());
    // Only what has just inserted: a session that is being opened beside it would rightly put the
    // store down for a moment.
    EXPECT_EQ(Sql("SELECT bool_and(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE "
                  "pid <> pg_backend_pid() AND datname = current_database() AND state = 'idle' AND "
                  "upper(query) = 'COMMIT'"),
              "t");
    const auto changed =
        store->SetStatus(NumberedUuid(n), store::AlertStatus::kResolved, {.by = "eve"});
    EXPECT_TRUE(changed.has_value()) << changed.error().ToString();
  }
  EXPECT_TRUE(store->Health().up);
  EXPECT_EQ(store->Count({.status = store::AlertStatus::kResolved}).value(), 5U);
  EXPECT_EQ(Sql("SELECT count(*) FROM alert_changes"), "5");
  // The new session has what the first one had.
  EXPECT_THAT(Sql("SELECT string_agg(application_name, ',') FROM pg_stat_activity WHERE datname = "
                  "current_database() AND pid <> pg_backend_pid()"),
              HasSubstr("auditflow"));
}

TEST_F(TimeoutServerTest, ADatabaseThatOnlyReadsIsDownAndSaysWhy) {
  ASSERT_TRUE(Open()->Ping().ok());
  Sql("ALTER DATABASE " + options_.database + " SET default_transaction_read_only = on");
  const auto store = Open();
  const Status status = store->Ping();
  EXPECT_EQ(status.code(), StatusCode::kUnavailable);
  EXPECT_THAT(status.message(), HasSubstr("read-only"));
}

TEST_F(TimeoutServerTest, NoticesOfTheServerStayOffStandardError) {
  testing::internal::CaptureStderr();
  ASSERT_TRUE(Open()->Ping().ok());
  ASSERT_TRUE(Open()->Ping().ok());
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

using FaultServerTest = OwnServerTest;

TEST_F(FaultServerTest, AStoreThatStartsBeforeItsServerComesUpByItself) {
  server_->Stop(SIGINT);
  const auto store = Open();
  const auto page = store->List({});
  ASSERT_FALSE(page.has_value());
  EXPECT_EQ(page.error().code(), StatusCode::kUnavailable);
  EXPECT_TRUE(page.error().retryable());
  EXPECT_THAT(page.error().message(), HasSubstr("Connection refused"));
  EXPECT_FALSE(store->Health().up);
  EXPECT_EQ(store->Health().reason, page.error().message());
  ASSERT_TRUE(server_->Run());
  ASSERT_TRUE(Recovers(*store)) << store->Health().reason;
  EXPECT_TRUE(store->Health().up);
  EXPECT_EQ(store->Health().reason, "");
  EXPECT_TRUE(store->Insert(NumberedAlerts(1, 3)).has_value());
}

TEST_F(FaultServerTest, ACrashOfTheServerLosesNothingThatWasAcknowledged) {
  const auto store = Open();
  ASSERT_TRUE(store->Ping().ok());
  constexpr int kThreads = 2;
  std::atomic<bool> stop = false;
  std::vector<std::vector<std::uint64_t>> acknowledged(kThreads);
  std::vector<std::thread> threads;
  for (std::uint64_t t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      std::uint64_t at = t * 1'000'000;
      while (!stop) {
        if (store->Insert(NumberedAlerts(at, 10))) {
          acknowledged[t].push_back(at);
          at += 10;
        } else {
          std::this_thread::sleep_for(milliseconds(2));
        }
      }
    });
  }
  for (int round = 0; round < 5; ++round) {
    const std::string before = RunSql(options_, "SELECT count(*) FROM alerts");
    while (RunSql(options_, "SELECT count(*) > " + before + " + 50 FROM alerts") != "t") {
      std::this_thread::yield();
    }
    server_->Stop(SIGKILL);
    // Without its main process the server's others end by themselves.
    while (!server_->Run()) std::this_thread::sleep_for(milliseconds(20));
    ASSERT_TRUE(Recovers(*store)) << store->Health().reason;
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();
  for (const auto& batches : acknowledged) {
    EXPECT_GT(batches.size(), 5U);
    for (const std::uint64_t first : batches) {
      for (std::uint64_t n = first; n < first + 10; ++n) {
        const auto stored = store->Get(NumberedUuid(n)).value();
        ASSERT_TRUE(stored.has_value()) << n;
        EXPECT_EQ(stored->alert, NumberedAlert(n));
      }
    }
  }
  EXPECT_EQ(store->Count({}).value() % 10, 0U) << "a batch is stored as a whole or not at all";
}

TEST_F(FaultServerTest, AServerThatNoLongerAnswersIsGivenUpAndFoundAgain) {
  options_.statement_timeout = milliseconds(200);
  options_.stall_grace = milliseconds(100);
  options_.connect_timeout = seconds(2);
  const auto store = Open();
  ASSERT_TRUE(store->Insert(NumberedAlerts(1, 1)).has_value());
  server_->SignalAll(SIGSTOP);
  const auto count = store->Count({});
  EXPECT_FALSE(count.has_value());
  EXPECT_EQ(count.error().code(), StatusCode::kUnavailable);
  server_->SignalAll(SIGCONT);
  ASSERT_TRUE(Recovers(*store)) << store->Health().reason;
  EXPECT_EQ(store->Count({}).value(), 1U);
}

TEST_F(FaultServerTest, TellsOfEachChangeBetweenUpAndDown) {
  std::mutex mutex;
  std::vector<PostgresHealth> told;
  options_.on_health = [&](const PostgresHealth& health) {
    const std::lock_guard lock(mutex);
    told.push_back(health);
  };
  {
    const auto store = Open();
    ASSERT_TRUE(store->Ping().ok());
    server_->Stop(SIGINT);
    EXPECT_FALSE(store->Ping().ok());
    EXPECT_FALSE(store->Health().up);
    ASSERT_TRUE(server_->Run());
    ASSERT_TRUE(Recovers(*store));
  }
  ASSERT_GE(told.size(), 3U);
  EXPECT_TRUE(told.front().up);
  EXPECT_TRUE(told.back().up);
  EXPECT_EQ(told.back().reason, "");
  for (std::size_t i = 1; i + 1 < told.size(); ++i) {
    EXPECT_FALSE(told[i].up);
    EXPECT_EQ(told[i].since, told[1].since) << "it was down since the first of them";
  }
  EXPECT_GT(told.back().since, told[1].since);
}

TEST_F(FaultServerTest, APasswordIsCheckedAndNeverShown) {
  RunSql(options_,
         "CREATE ROLE auditflow LOGIN PASSWORD 'Tr0ub4dor'; "
         "GRANT ALL ON SCHEMA public TO auditflow");
  server_->ReplaceFile("pg_hba.conf",
                       "local all all trust\nhost all postgres 127.0.0.1/32 trust\n"
                       "host all all 127.0.0.1/32 scram-sha-256\n");
  RunSql(options_, "SELECT pg_reload_conf()");
  options_.user = "auditflow";
  options_.ssl_key = "/nowhere/client-key.pem";
  const std::vector<std::string> wrong = {"hunter2-secret", "with ' quote and \\ more"};
  for (const std::string& password : wrong) {
    options_.password = Secret(password);
    std::vector<std::string> told;
    options_.on_health = [&](const PostgresHealth& health) { told.push_back(health.reason); };
    testing::internal::CaptureStderr();
    testing::internal::CaptureStdout();
    {
      const auto store = Open();
      told.push_back(store->Ping().ToString());
      told.push_back(store->Insert(NumberedAlerts(1, 1)).error().ToString());
    }
    told.push_back(testing::internal::GetCapturedStderr());
    told.push_back(testing::internal::GetCapturedStdout());
    EXPECT_THAT(told, testing::Contains(HasSubstr("password authentication failed")));
    EXPECT_THAT(told, testing::Each(Not(HasSubstr(password))));
    EXPECT_THAT(told, testing::Each(Not(HasSubstr("client-key"))));
  }
  options_.password = Secret("Tr0ub4dor");
  options_.on_health = {};
  EXPECT_TRUE(Open()->Ping().ok()) << Open()->Ping().ToString();
}

TEST_F(FaultServerTest, AServerWithoutTlsIsRefusedWhereTlsIsRequired) {
  options_.ssl_mode = "require";
  const auto store = Open();
  EXPECT_THAT(store->Ping().message(), HasSubstr("does not support SSL"));
  EXPECT_FALSE(store->Health().up);
}

}  // namespace
}  // namespace auditflow::postgres
