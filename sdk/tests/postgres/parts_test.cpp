// The parts of the PostgreSQL store that need no server.

#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pqxx/except>
#include <sys/socket.h>
#include <unistd.h>

#include "auditflow/core/clock.hpp"
#include "auditflow/postgres/postgres_alert_store.hpp"

#include "src/postgres/alert_columns.hpp"
#include "src/postgres/conninfo.hpp"
#include "src/postgres/migrations.hpp"
#include "src/postgres/postgres_error.hpp"
#include "src/postgres/text_array.hpp"
#include "src/postgres/watchdog.hpp"

namespace auditflow::postgres {
namespace {

using testing::HasSubstr;
using testing::Not;
using namespace std::string_literals;

TEST(PostgresOptions, BadOnesAreNamed) {
  const auto message = [](auto change) {
    PostgresOptions options;
    options.password = Secret("s3cret");
    change(options);
    const auto store = PostgresAlertStore::Create(options);
    EXPECT_FALSE(store.has_value());
    EXPECT_EQ(store.error().code(), StatusCode::kInvalidArgument);
    EXPECT_THAT(store.error().message(), Not(HasSubstr("s3cret")));
    return store.error().message();
  };
  EXPECT_EQ(message([](auto& o) { o.host = ""; }), "host: is empty");
  EXPECT_EQ(message([](auto& o) { o.port = 0; }), "port: is 0");
  EXPECT_EQ(message([](auto& o) { o.user = "a\0b"s; }), "user: contains a NUL character");
  EXPECT_EQ(message([](auto& o) { o.password = Secret("s3cret\0"s); }),
            "password: contains a NUL character");
  EXPECT_THAT(message([](auto& o) { o.ssl_mode = "on"; }), HasSubstr("ssl_mode: is none of"));
  EXPECT_EQ(message([](auto& o) { o.max_connections = 0; }), "max_connections: is 0");
  EXPECT_EQ(message([](auto& o) { o.statement_timeout = Duration::zero(); }),
            "statement_timeout: must be from 1ms to 24 days");
  EXPECT_EQ(message([](auto& o) { o.health_interval = std::chrono::days(30); }),
            "health_interval: must be from 1ms to 24 days");
}

TEST(PostgresOptions, TheConnectionStringHoldsWhatALostSessionWouldLose) {
  PostgresOptions options;
  options.password = Secret(R"(it's a \ "secret")");
  options.statement_timeout = std::chrono::milliseconds(1500);
  options.ssl_mode = "verify-full";
  options.ssl_root_cert = "/etc/ca file.pem";
  const std::string text = ConnectionString(options);
  EXPECT_THAT(text, HasSubstr(R"(password='it\'s a \\ "secret"')"));
  EXPECT_THAT(text, HasSubstr("-c statement_timeout=1500 -c lock_timeout=5000"));
  EXPECT_THAT(text, HasSubstr("sslmode='verify-full' sslrootcert='/etc/ca file.pem'"));
  EXPECT_THAT(text, HasSubstr("target_session_attrs='read-write'"));
  EXPECT_THAT(text, Not(HasSubstr("sslkey")));
}

TEST(PostgresOptions, DescriptionsHoldNoSecret) {
  PostgresOptions options;
  options.user = "auditflow";
  options.password = Secret("s3cret");
  options.ssl_key = "/keys/client.pem";
  EXPECT_EQ(Describe(options), "postgresql://auditflow@localhost:5432/postgres");
}

struct StateCase {
  const char* sqlstate;
  StatusCode code;
  bool retryable;
};

TEST(PostgresError, MapsEveryStateThatACallerCanMeet) {
  const std::vector<StateCase> cases = {
      {"08006", StatusCode::kUnavailable, true},
      {"0A000", StatusCode::kUnimplemented, false},
      {"22021", StatusCode::kInvalidArgument, false},
      {"22P02", StatusCode::kInvalidArgument, false},
      {"22P05", StatusCode::kInvalidArgument, false},
      {"23505", StatusCode::kInvalidArgument, false},
      {"25006", StatusCode::kUnavailable, true},
      {"25P03", StatusCode::kUnavailable, true},
      {"28P01", StatusCode::kUnauthenticated, false},
      {"3D000", StatusCode::kFailedPrecondition, false},
      {"40001", StatusCode::kAborted, true},
      {"40P01", StatusCode::kAborted, true},
      {"42501", StatusCode::kPermissionDenied, false},
      {"42P01", StatusCode::kFailedPrecondition, false},
      {"42703", StatusCode::kFailedPrecondition, false},
      {"53100", StatusCode::kResourceExhausted, true},
      {"53300", StatusCode::kResourceExhausted, true},
      {"54000", StatusCode::kInvalidArgument, false},
      {"55P03", StatusCode::kAborted, true},
      {"55006", StatusCode::kFailedPrecondition, false},
      {"57014", StatusCode::kDeadlineExceeded, true},
      {"57P01", StatusCode::kUnavailable, true},
      {"57P03", StatusCode::kUnavailable, true},
      {"58030", StatusCode::kUnavailable, true},
      {"P0001", StatusCode::kFailedPrecondition, false},
      {"XX000", StatusCode::kInternal, false},
      {"XX001", StatusCode::kDataLoss, false},
      {"ZZZZZ", StatusCode::kInternal, false},
  };
  for (const StateCase& c : cases) {
    const Status status = SqlStatus(c.sqlstate, "ERROR:  why\nDETAIL: a row's values");
    EXPECT_EQ(status.code(), c.code) << c.sqlstate;
    EXPECT_EQ(status.retryable(), c.retryable) << c.sqlstate;
    EXPECT_EQ(status.message(), "why (SQLSTATE "s + c.sqlstate + ")");
  }
}

template <class Exception>
Failure Thrown(const Exception& exception) {
  return Understand(std::make_exception_ptr(exception));
}

TEST(PostgresError, UnderstandsWhatLibpqxxThrows) {
  const Failure lost = Thrown(pqxx::broken_connection("gone\nmore"));
  EXPECT_EQ(lost.status, Unavailable("gone"));
  EXPECT_TRUE(lost.connection_lost && !lost.in_doubt && !lost.row_at_fault);
  const Failure doubt = Thrown(pqxx::in_doubt_error("?"));
  EXPECT_TRUE(doubt.connection_lost && doubt.in_doubt);
  EXPECT_TRUE(doubt.status.retryable());
  EXPECT_EQ(Thrown(pqxx::deadlock_detected("ERROR:  deadlock")).status.code(),
            StatusCode::kAborted);
  const Failure row = Thrown(pqxx::sql_error("ERROR:  bad", "SELECT", "22P02"));
  EXPECT_TRUE(row.row_at_fault && !row.connection_lost);
  EXPECT_TRUE(Thrown(pqxx::sql_error("ERROR:  stop", "SELECT", "57P01")).connection_lost);
  EXPECT_TRUE(Thrown(pqxx::sql_error("server closed", "SELECT")).connection_lost);
  EXPECT_FALSE(Thrown(pqxx::sql_error("late", "SELECT", "57014")).connection_lost);
  EXPECT_EQ(Thrown(std::bad_alloc()).status.code(), StatusCode::kResourceExhausted);
  EXPECT_EQ(Thrown(std::logic_error("x")).status.code(), StatusCode::kInternal);
}

TEST(PostgresError, TellsRefusalsThatLastFromThoseThatPass) {
  for (const char* lasting :
       {"FATAL:  password authentication failed for user \"x\"",
        "FATAL:  database \"x\" does not exist",
        "server does not support SSL, but SSL was required", "SSL error: certificate verify failed",
        "FATAL:  no pg_hba.conf entry for host"}) {
    EXPECT_TRUE(IsLastingRefusal(lasting)) << lasting;
  }
  for (const char* passing :
       {"Connection refused", "FATAL:  the database system is starting up",
        "FATAL:  the database system is shutting down", "FATAL:  sorry, too many clients already",
        "FATAL:  terminating connection due to administrator command", "timeout expired",
        "FATAL:  the database system is in recovery mode"}) {
    EXPECT_FALSE(IsLastingRefusal(passing)) << passing;
  }
}

TEST(TextArray, QuotesWhatWouldEndAnElement) {
  TextArray array;
  EXPECT_EQ(array.Finished(), "{}");
  for (const char* text : {"plain", "", "a\"b", "\\", "{,}", "NULL"}) array.Add(text);
  array.AddNull();
  EXPECT_EQ(array.Finished(), R"({"plain","","a\"b","\\","{,}","NULL",NULL})");
}

TEST(AlertColumns, TimesAreSplitAtTheMicrosecond) {
  struct Case {
    std::int64_t nanos;
    const char* text;
    int rest;
  };
  for (const Case& c :
       {Case{0, "1970-01-01T00:00:00Z", 0}, Case{1'999, "1970-01-01T00:00:00.000001Z", 999},
        Case{-1, "1969-12-31T23:59:59.999999Z", 999},
        Case{-1'000, "1969-12-31T23:59:59.999999Z", 0},
        Case{std::numeric_limits<std::int64_t>::min(), "1677-09-21T00:12:43.145224Z", 192},
        Case{std::numeric_limits<std::int64_t>::max(), "2262-04-11T23:47:16.854775Z", 807}}) {
    const Timestamp time = Timestamp::FromUnixNanos(c.nanos);
    EXPECT_EQ(MicrosecondText(time), c.text);
    EXPECT_EQ(NanosBelowMicrosecond(time), c.rest) << c.nanos;
  }
}

TEST(Migrations, AreNumberedFromOneOnAndHoldTheirFiles) {
  int expected = 1;
  for (const Migration& migration : Migrations()) {
    EXPECT_EQ(migration.version, expected++);
    EXPECT_THAT(std::string(migration.sql), HasSubstr("alerts"));
  }
  EXPECT_GE(expected, 4);
}

/// Whether the other end of a socket pair was shut down: its end of file is there to read.
bool IsCut(int other_end) {
  char byte = 0;
  return ::recv(other_end, &byte, 1, MSG_DONTWAIT) == 0;
}

TEST(Watchdog, CutsASocketOnlyOnceItsTimeIsUp) {
  int ends[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
  ManualClock clock;
  {
    Watchdog watchdog(clock);
    const Watchdog::Watch watch = watchdog.Guard(ends[0], std::chrono::seconds(10));
    clock.WaitForSleepers(1);
    clock.Advance(std::chrono::seconds(9));
    EXPECT_FALSE(IsCut(ends[1]));
    clock.WaitForSleepers(1);
    char byte = 0;
    std::thread reader([&] { EXPECT_EQ(::recv(ends[1], &byte, 1, 0), 0); });
    // The watchdog may be on its way to a new pause, which this must not miss.
    for (int i = 0; i < 3; ++i) clock.Advance(std::chrono::seconds(1));
    reader.join();
  }
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST(Watchdog, LeavesAloneWhatIsNoLongerWatched) {
  int ends[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
  ManualClock clock;
  Watchdog watchdog(clock);
  { const Watchdog::Watch watch = watchdog.Guard(ends[0], std::chrono::seconds(1)); }
  clock.WaitForSleepers(1);
  clock.Advance(std::chrono::hours(1));
  clock.WaitForSleepers(1);
  EXPECT_FALSE(IsCut(ends[1]));
  ::close(ends[0]);
  ::close(ends[1]);
}

}  // namespace
}  // namespace auditflow::postgres
