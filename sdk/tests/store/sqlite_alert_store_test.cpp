#include "auditflow/store/sqlite_alert_store.hpp"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include "src/store/sqlite_connection.hpp"
#include "src/store/sqlite_error.hpp"
#include "tests/store/numbered_alerts.hpp"
#include "tests/store/temporary_folder.hpp"

namespace auditflow::store {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class SqliteAlertStoreTest : public testing::Test {
 protected:
  Result<std::unique_ptr<SqliteAlertStore>> Open(bool check_integrity = false) const {
    return SqliteAlertStore::Create({.path = path_, .check_integrity = check_integrity});
  }
  Status OpenError() const {
    const auto store = Open();
    return store ? Status() : store.error();
  }
  SqliteConnection Connect() const {
    return SqliteConnection::Open(path_, std::chrono::seconds(1)).value();
  }
  void Write(std::string_view bytes) const {
    std::ofstream(path_, std::ios::binary).write(bytes.data(), static_cast<long>(bytes.size()));
  }
  std::string Read() const {
    std::ifstream file(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  TemporaryFolder folder_;
  const fs::path path_ = folder_.path() / "alerts.db";
};

TEST_F(SqliteAlertStoreTest, AlertsSurviveAReopening) {
  ASSERT_TRUE(Open().value()->Insert(NumberedAlerts(1, 100)).has_value());
  const auto store = Open(true).value();
  EXPECT_EQ(store->Count({}).value(), 100U);
  EXPECT_EQ(store->Get(NumberedUuid(42)).value()->alert, NumberedAlert(42));
}

TEST_F(SqliteAlertStoreTest, OneStoreAtATimeOwnsTheFile) {
  auto first = Open().value();
  const Status second = OpenError();
  EXPECT_EQ(second.code(), StatusCode::kFailedPrecondition);
  EXPECT_THAT(second.message(), HasSubstr("in use by another store"));
  first.reset();
  EXPECT_TRUE(Open().has_value());
}

TEST_F(SqliteAlertStoreTest, OthersMayReadMeanwhile) {
  const auto store = Open().value();
  ASSERT_TRUE(store->Insert(NumberedAlerts(1, 3)).has_value());
  SqliteConnection reader = Connect();
  EXPECT_EQ(reader.QueryInteger("SELECT count(*) FROM alerts WHERE client_ip IS NOT NULL").value(),
            3);
}

TEST_F(SqliteAlertStoreTest, AnUnknownClientIpIsNull) {
  const auto store = Open().value();
  alert::Alert alert = NumberedAlert(1);
  alert.triggered_by.client_ip = "N/A";
  ASSERT_TRUE(store->Insert({&alert, 1}).has_value());
  EXPECT_EQ(Connect().QueryInteger("SELECT count(*) FROM alerts WHERE client_ip IS NULL").value(),
            1);
}

TEST_F(SqliteAlertStoreTest, WritesAreSyncedAndLogged) {
  const auto store = Open().value();
  EXPECT_EQ(Connect().QueryText("PRAGMA journal_mode").value(), "wal");
}

TEST_F(SqliteAlertStoreTest, AFileThatIsNoDatabaseIsLeftAlone) {
  const std::string bytes(4096, 'x');
  Write(bytes);
  const Status status = OpenError();
  EXPECT_EQ(status.code(), StatusCode::kFailedPrecondition);
  EXPECT_THAT(status.message(), HasSubstr("file is not a database"));
  EXPECT_EQ(Read(), bytes);
}

TEST_F(SqliteAlertStoreTest, AnotherProgramsDatabaseIsLeftAlone) {
  ASSERT_TRUE(Connect().Execute("CREATE TABLE alerts (x); INSERT INTO alerts VALUES (1)").ok());
  const std::string before = Read();
  const Status status = OpenError();
  EXPECT_EQ(status.code(), StatusCode::kFailedPrecondition);
  EXPECT_THAT(status.message(), HasSubstr("another program"));
  EXPECT_EQ(Read(), before);
}

TEST_F(SqliteAlertStoreTest, ANewerReleasesFileIsLeftAlone) {
  ASSERT_TRUE(Open().has_value());
  ASSERT_TRUE(Connect().Execute("PRAGMA user_version = 1000").ok());
  const Status status = OpenError();
  EXPECT_EQ(status.code(), StatusCode::kFailedPrecondition);
  EXPECT_THAT(status.message(), HasSubstr("newer release: its schema is 1000"));
}

TEST_F(SqliteAlertStoreTest, AFileOfTheFirstSchemaIsTakenOver) {
  ASSERT_TRUE(Open().value()->Insert(NumberedAlerts(1, 3)).has_value());
  ASSERT_TRUE(Connect()
                  .Execute("DROP TABLE notification_outbox; DROP TABLE alert_changes;"
                           "DROP INDEX alerts_status;"
                           "ALTER TABLE alerts DROP COLUMN status;"
                           "ALTER TABLE alerts DROP COLUMN deleted;"
                           "ALTER TABLE alerts DROP COLUMN version;"
                           "ALTER TABLE alerts DROP COLUMN changed_at;"
                           "ALTER TABLE alerts DROP COLUMN changed_by;"
                           "ALTER TABLE alerts DROP COLUMN change_reason;"
                           "PRAGMA user_version = 1")
                  .ok());
  const auto store = Open().value();
  EXPECT_EQ(store->Get(NumberedUuid(2)).value()->alert, NumberedAlert(2));
  EXPECT_TRUE(store->SetStatus(NumberedUuid(2), AlertStatus::kResolved, {.by = "eve"}).has_value());
  EXPECT_EQ(store->Count({.status = AlertStatus::kOpen}).value(), 2U);
}

TEST_F(SqliteAlertStoreTest, DamageIsReportedAndNotRepaired) {
  ASSERT_TRUE(Open().value()->Insert(NumberedAlerts(1, 500)).has_value());
  std::string bytes = Read();
  ASSERT_GT(bytes.size(), 100'000U);
  std::fill(bytes.begin() + 8192, bytes.begin() + 90'000, '\x5a');
  Write(bytes);
  const auto checked = Open(true);
  ASSERT_FALSE(checked.has_value());
  EXPECT_EQ(checked.error().code(), StatusCode::kDataLoss);
  const auto store = Open();
  if (store) {
    EXPECT_EQ((*store)->List({.limit = 1000}).error().code(), StatusCode::kDataLoss);
  }
  EXPECT_EQ(Read().size(), bytes.size());
}

TEST_F(SqliteAlertStoreTest, ACutFileIsAnError) {
  ASSERT_TRUE(Open().value()->Insert(NumberedAlerts(1, 500)).has_value());
  Write(Read().substr(0, 50));
  EXPECT_FALSE(OpenError().ok());
}

TEST_F(SqliteAlertStoreTest, AMissingFolderIsAnErrorNamingTheFile) {
  const auto store = SqliteAlertStore::Create({.path = folder_.path() / "no" / "a.db"});
  ASSERT_FALSE(store.has_value());
  EXPECT_EQ(store.error().code(), StatusCode::kUnavailable);
  EXPECT_THAT(store.error().message(), HasSubstr("a.db"));
  EXPECT_EQ(SqliteAlertStore::Create({}).error().code(), StatusCode::kInvalidArgument);
}

TEST_F(SqliteAlertStoreTest, AFullStoreSaysSoKeepsWhatItHasAndStoresNothingOfTheBatch) {
  const auto store =
      SqliteAlertStore::Create({.path = path_, .max_bytes = std::uint64_t{200} << 10U}).value();
  std::uint64_t stored = 0;
  Status status;
  while (status.ok() && stored < 10'000) {
    const auto results = store->Insert(NumberedAlerts(stored, 50));
    if (results) {
      stored += 50;
    } else {
      status = results.error();
    }
  }
  EXPECT_EQ(status.code(), StatusCode::kResourceExhausted);
  EXPECT_TRUE(status.retryable());
  EXPECT_EQ(store->Count({}).value(), stored);
  EXPECT_TRUE(store->Ping().ok());
}

TEST_F(SqliteAlertStoreTest, AnotherWriterMakesItUnavailableAndNothingIsLost) {
  const auto store =
      SqliteAlertStore::Create({.path = path_, .busy_timeout = Duration::zero()}).value();
  SqliteConnection other = Connect();
  ASSERT_TRUE(other.Execute("BEGIN IMMEDIATE").ok());
  const auto busy = store->Insert(NumberedAlerts(1, 1));
  ASSERT_FALSE(busy.has_value());
  EXPECT_EQ(busy.error().code(), StatusCode::kUnavailable);
  EXPECT_TRUE(busy.error().retryable());
  ASSERT_TRUE(other.Execute("ROLLBACK").ok());
  EXPECT_TRUE(store->Insert(NumberedAlerts(1, 1)).has_value());
}

TEST_F(SqliteAlertStoreTest, AFileThatIsRemovedUnderTheStoreIsNoticed) {
  const auto store = Open().value();
  ASSERT_TRUE(store->Insert(NumberedAlerts(1, 1)).has_value());
  fs::remove(path_);
  EXPECT_EQ(store->Insert(NumberedAlerts(2, 1)).error().code(), StatusCode::kUnavailable);
  EXPECT_EQ(store->Ping().code(), StatusCode::kUnavailable);
}

struct CodeCase {
  int sqlite;
  StatusCode code;
  bool retryable;
};

TEST(SqliteStatus, MapsEveryCodeThatACallerCanMeet) {
  const std::vector<CodeCase> cases = {
      {SQLITE_OK, StatusCode::kOk, false},
      {SQLITE_ROW, StatusCode::kOk, false},
      {SQLITE_DONE, StatusCode::kOk, false},
      {SQLITE_BUSY, StatusCode::kUnavailable, true},
      {SQLITE_BUSY_SNAPSHOT, StatusCode::kUnavailable, true},
      {SQLITE_LOCKED, StatusCode::kUnavailable, true},
      {SQLITE_READONLY, StatusCode::kUnavailable, true},
      {SQLITE_READONLY_DIRECTORY, StatusCode::kUnavailable, true},
      {SQLITE_IOERR_FSYNC, StatusCode::kUnavailable, true},
      {SQLITE_CANTOPEN_ISDIR, StatusCode::kUnavailable, true},
      {SQLITE_FULL, StatusCode::kResourceExhausted, true},
      {SQLITE_NOMEM, StatusCode::kResourceExhausted, true},
      {SQLITE_CORRUPT, StatusCode::kDataLoss, false},
      {SQLITE_CORRUPT_INDEX, StatusCode::kDataLoss, false},
      {SQLITE_NOTADB, StatusCode::kFailedPrecondition, false},
      {SQLITE_PERM, StatusCode::kPermissionDenied, false},
      {SQLITE_AUTH, StatusCode::kPermissionDenied, false},
      {SQLITE_INTERRUPT, StatusCode::kCancelled, false},
      {SQLITE_TOOBIG, StatusCode::kInvalidArgument, false},
      {SQLITE_ABORT, StatusCode::kAborted, true},
      {SQLITE_SCHEMA, StatusCode::kAborted, true},
      {SQLITE_CONSTRAINT_NOTNULL, StatusCode::kInternal, false},
      {SQLITE_MISUSE, StatusCode::kInternal, false},
  };
  for (const CodeCase& c : cases) {
    const Status status = SqliteStatus(c.sqlite, "why");
    EXPECT_EQ(status.code(), c.code) << c.sqlite;
    EXPECT_EQ(status.retryable(), c.retryable) << c.sqlite;
  }
}

/// Inserts batches for ever and tells each through the pipe once it is acknowledged. Only leaves by
/// being killed.
[[noreturn]] void InsertUntilKilled(const fs::path& path, std::uint64_t first, int pipe) {
  const auto store = SqliteAlertStore::Create({.path = path});
  if (!store) ::_exit(1);
  for (std::uint64_t at = first;; at += 10) {
    const auto results = (*store)->Insert(NumberedAlerts(at, 10));
    if (!results) ::_exit(2);
    const std::uint64_t done = at + 10;
    if (::write(pipe, &done, sizeof done) != sizeof done) ::_exit(3);
  }
}

/// Kills an inserting process after `batches` acknowledgements.
/// @return up to where alerts were acknowledged.
std::uint64_t KillWhileInserting(const fs::path& path, std::uint64_t first, int batches) {
  int ends[2];
  EXPECT_EQ(::pipe(ends), 0);
  const pid_t child = ::fork();
  if (child == 0) InsertUntilKilled(path, first, ends[1]);
  ::close(ends[1]);
  std::uint64_t acknowledged = first;
  std::uint64_t next = 0;
  for (int i = 0; i < batches && ::read(ends[0], &next, sizeof next) == sizeof next; ++i) {
    acknowledged = next;
  }
  EXPECT_EQ(::kill(child, SIGKILL), 0);
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFSIGNALED(status)) << "the child ended by itself: " << WEXITSTATUS(status);
  while (::read(ends[0], &next, sizeof next) == sizeof next) acknowledged = next;
  ::close(ends[0]);
  return acknowledged;
}

TEST_F(SqliteAlertStoreTest, AKilledProcessLosesNoAcknowledgedAlert) {
  std::uint64_t first = 0;
  for (int round = 0; round < 6; ++round) {
    const std::uint64_t acknowledged = KillWhileInserting(path_, first, 5 + 17 * round);
    const auto store = Open(true);
    ASSERT_TRUE(store.has_value()) << store.error().ToString();
    EXPECT_EQ(Connect().QueryText("PRAGMA integrity_check").value(), "ok");
    for (std::uint64_t n = first; n < acknowledged; ++n) {
      const auto stored = (*store)->Get(NumberedUuid(n)).value();
      ASSERT_TRUE(stored.has_value()) << n;
      EXPECT_EQ(stored->alert, NumberedAlert(n));
    }
    const std::uint64_t count = (*store)->Count({}).value();
    EXPECT_EQ(count % 10, 0U) << "a batch is stored as a whole or not at all";
    EXPECT_GE(count, acknowledged);
    first = count;
  }
}

}  // namespace
}  // namespace auditflow::store
