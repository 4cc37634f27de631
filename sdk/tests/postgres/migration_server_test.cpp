#include <algorithm>
#include <cstdio>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

#include "src/postgres/conninfo.hpp"
#include "src/postgres/migrations.hpp"
#include "tests/postgres/server_fixture.hpp"
#include "tests/store/numbered_alerts.hpp"

namespace auditflow::postgres {
namespace {

using store::NumberedAlert;
using store::NumberedAlerts;
using store::NumberedUuid;
using testing::HasSubstr;
using testing::StartsWith;

using MigrationServerTest = SharedServerTest;

/// What the Python service runs when it starts, as the wire contract describes its table.
constexpr const char* kPythonTable = R"(
CREATE TABLE IF NOT EXISTS alerts (
  alert_id UUID PRIMARY KEY, correlation_id UUID NOT NULL, timestamp TIMESTAMPTZ NOT NULL,
  received_at TIMESTAMPTZ DEFAULT now(), alert_name VARCHAR(255) NOT NULL,
  alert_type VARCHAR(50) NOT NULL, severity VARCHAR(50) NOT NULL, description TEXT,
  source_service_name VARCHAR(255), rule_id VARCHAR(255), rule_name VARCHAR(255),
  actor_type VARCHAR(50), actor_id VARCHAR(255), client_ip INET, resource_type VARCHAR(50),
  resource_id VARCHAR(255), server_hostname VARCHAR(255), action_observed VARCHAR(255),
  analysis_rule_details JSONB, triggered_by_details JSONB, impacted_resource_details JSONB,
  metadata JSONB, raw_event_data JSONB NOT NULL);
CREATE INDEX IF NOT EXISTS idx_alerts_timestamp ON alerts (timestamp DESC);
CREATE INDEX IF NOT EXISTS idx_alerts_type ON alerts (alert_type);
CREATE INDEX IF NOT EXISTS idx_alerts_severity ON alerts (severity);
CREATE INDEX IF NOT EXISTS idx_alerts_actor ON alerts (actor_id);
CREATE INDEX IF NOT EXISTS idx_alerts_host ON alerts (server_hostname);
CREATE INDEX IF NOT EXISTS idx_alerts_rule ON alerts (rule_name);
CREATE INDEX IF NOT EXISTS idx_alerts_metadata ON alerts USING GIN (metadata);
CREATE INDEX IF NOT EXISTS idx_alerts_raw ON alerts USING GIN (raw_event_data);)";

/// The Python service's insert of one alert of the queue.
std::string PythonInsert(int number) {
  const std::string id = NumberedUuid(static_cast<std::uint64_t>(number)).ToString();
  return "INSERT INTO alerts (alert_id, correlation_id, timestamp, alert_name, alert_type, "
         "severity,"
         " description, source_service_name, rule_id, rule_name, actor_type, actor_id, client_ip,"
         " resource_type, resource_id, server_hostname, action_observed, analysis_rule_details,"
         " triggered_by_details, impacted_resource_details, metadata, raw_event_data) VALUES ('" +
         id + "', 'f00eadcb-3032-4e3f-a35c-badd7cf705cd', '2026-11-20T18:56:0" +
         std::to_string(number % 10) +
         ".000123+00:00', 'Multiple Failed Login Attempts', 'SECURITY', 'CRITICAL', 'three', "
         "'audit-event-generator', 'ANLY-SEC-001', 'Failed Login Burst Detection', 'USER', "
         "'app_user', NULL, 'SERVER', 'prod-db-02', 'prod-db-02', 'LOGIN_FAILURE', "
         R"('{"rule_id":"ANLY-SEC-001","rule_name":"Failed Login Burst Detection",)"
         R"("rule_description":"Detects 3 failed logins within 60 seconds."}', )"
         R"('{"actor_type":"USER","actor_id":"app_user","client_ip":"N/A"}', )"
         R"('{"resource_type":"SERVER","resource_id":"prod-db-02","server_hostname":"prod-db-02"}',)"
         R"('{"tags":["brute-force"],"environment":"DEVELOPMENT","remediation_guidance":"Lock it.",)"
         R"("playbook_url":"https://example.org"}', '{"event_id":"x","n":1.50}'))";
}

TEST_F(MigrationServerTest, AnEmptyDatabaseGetsTheTablesOnce) {
  ASSERT_TRUE(Open()->Ping().ok());
  const std::string applied =
      "SELECT string_agg(version || ' ' || name, ', ' ORDER BY version) "
      "FROM auditflow_migrations";
  EXPECT_THAT(Sql(applied), StartsWith("1 0001_alerts, 2 0002_exact_alerts"));
  const std::string first = Sql("SELECT max(applied_at) FROM auditflow_migrations");
  ASSERT_TRUE(Open()->Ping().ok());
  EXPECT_EQ(Sql("SELECT max(applied_at) FROM auditflow_migrations"), first);
}

TEST_F(MigrationServerTest, ProcessesThatStartTogetherMigrateOnce) {
  std::vector<pid_t> children;
  for (std::uint64_t n = 0; n < 4; ++n) {
    const pid_t child = ::fork();
    if (child == 0) {
      const auto store = Open();
      const auto results = store->Insert(NumberedAlerts(n * 10, 10));
      if (!results) std::fprintf(stderr, "%s\n", results.error().ToString().c_str());
      ::_exit(results ? 0 : 1);
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  }
  EXPECT_EQ(Sql("SELECT count(*) = max(version) FROM auditflow_migrations"), "t");
  EXPECT_EQ(Sql("SELECT count(*) FROM alerts"), "40");
}

TEST_F(MigrationServerTest, ThePythonServicesTableIsTakenOverWithItsRows) {
  Sql(kPythonTable);
  ASSERT_EQ(Sql(PythonInsert(1)), "");
  const std::string indexes = "SELECT count(*) FROM pg_indexes WHERE tablename = 'alerts'";
  EXPECT_EQ(Sql(indexes), "9");
  const auto store = Open();
  const auto stored = store->Get(NumberedUuid(1)).value();
  ASSERT_TRUE(stored.has_value());
  const alert::Alert& alert = stored->alert;
  EXPECT_EQ(alert.timestamp, Timestamp::Parse("2026-11-20T18:56:01.000123Z").value());
  EXPECT_EQ(alert.analysis_rule.rule_description, "Detects 3 failed logins within 60 seconds.");
  EXPECT_EQ(alert.triggered_by, (alert::TriggeredBy{"USER", "app_user", "N/A"}));
  EXPECT_EQ(alert.metadata.tags, std::vector<std::string>{"brute-force"});
  EXPECT_EQ(alert.raw_event_data, R"({"n": 1.50, "event_id": "x"})");
  EXPECT_EQ(stored->state, store::AlertState());
  EXPECT_GT(stored->received_at, alert.timestamp);
  // What we need came on top; nothing was made twice.
  EXPECT_EQ(Sql(indexes), "12");
}

TEST_F(MigrationServerTest, ThePythonServiceGoesOnReadingAndWritingBesideUs) {
  const auto store = Open();
  ASSERT_TRUE(store->Insert(NumberedAlerts(1, 1)).has_value());
  EXPECT_EQ(Sql(kPythonTable), "") << "its start must find everything in place";
  EXPECT_EQ(Sql(PythonInsert(2)), "");
  EXPECT_THAT(Sql(PythonInsert(1)), HasSubstr("duplicate key"));
  EXPECT_EQ(Sql("SELECT raw_event_data->>'text' FROM alerts WHERE client_ip = '192.168.1.150'"),
            "é é");
  EXPECT_EQ(Sql("SELECT metadata->>'environment' FROM alerts ORDER BY timestamp DESC LIMIT 1"),
            "DEVELOPMENT");
  const alert::Alert ours = NumberedAlert(2);
  EXPECT_EQ(store->Insert({&ours, 1}).value().at(0).outcome, store::InsertOutcome::kDuplicate);
  EXPECT_EQ(store->Count({}).value(), 2U);
  EXPECT_TRUE(
      store->SetStatus(NumberedUuid(2), store::AlertStatus::kResolved, {.by = "eve"}).has_value());
}

TEST_F(MigrationServerTest, RowsThatOnlyTheirWriterUnderstandsSpoilNoList) {
  const auto store = Open();
  ASSERT_TRUE(store->Ping().ok());
  EXPECT_EQ(
      Sql("INSERT INTO alerts (alert_id, correlation_id, timestamp, received_at, alert_name, "
          "alert_type, severity, client_ip, triggered_by_details, metadata, raw_event_data) "
          "SELECT gen_random_uuid(), gen_random_uuid(), time::timestamptz, NULL, 'n', 't', 's', "
          "'10.0.0.0/8', '[1]', '{\"tags\":\"none\"}', '[]' FROM unnest(ARRAY['infinity', "
          "'-infinity', '0044-03-15 BC', '9999-12-31', '2026-11-20']) AS time"),
      "");
  store::AlertQuery query{.limit = 1};
  std::vector<Timestamp> times;
  for (;;) {
    const auto page = store->List(query).value();
    if (page.empty() || times.size() > 5) break;
    times.push_back(page[0].alert.timestamp);
    EXPECT_EQ(page[0].alert.alert_name, "n");
    EXPECT_EQ(page[0].alert.triggered_by.client_ip, "10.0.0.0");
    query.after = CursorOf(page[0]);
  }
  EXPECT_EQ(store->List({}).value().size(), 5U);
  EXPECT_EQ(store->List({}).value()[2].alert.timestamp,
            Timestamp::Parse("2026-11-20T00:00:00Z").value());
  EXPECT_TRUE(std::is_sorted(times.rbegin(), times.rend()));
}

TEST_F(MigrationServerTest, AnotherProgramsTableIsLeftAlone) {
  Sql("CREATE TABLE alerts (id integer PRIMARY KEY, severity text)");
  const auto store = Open();
  const Status status = store->Ping();
  EXPECT_EQ(status.code(), StatusCode::kUnavailable);
  EXPECT_THAT(status.message(), HasSubstr("migration 0001_alerts: there is a table alerts that is "
                                          "not AuditFlow's; it lacks alert_id uuid"));
  EXPECT_FALSE(store->Health().up);
  EXPECT_EQ(store->Health().reason, status.message());
  EXPECT_EQ(Sql("SELECT count(*) FROM pg_attribute WHERE attrelid = 'alerts'::regclass "
                "AND attnum > 0"),
            "2");
  EXPECT_EQ(Sql("SELECT to_regclass('auditflow_migrations') IS NULL"), "t");
}

TEST_F(MigrationServerTest, AMigrationThatWasChangedIsNoticed) {
  ASSERT_TRUE(Open()->Ping().ok());
  Sql("UPDATE auditflow_migrations SET hash = 'other' WHERE version = 2");
  EXPECT_THAT(Open()->Ping().message(),
              HasSubstr("migration 0002_exact_alerts is not the one that the database has had"));
}

TEST_F(MigrationServerTest, ANewerSchemaIsUsedAsItIs) {
  ASSERT_TRUE(Open()->Ping().ok());
  Sql("ALTER TABLE alerts ADD COLUMN of_the_future text;"
      "INSERT INTO auditflow_migrations (version, name, hash) VALUES (1000, '1000_future', 'x')");
  const auto store = Open();
  EXPECT_TRUE(store->Insert(NumberedAlerts(1, 3)).has_value());
  EXPECT_EQ(store->Count({}).value(), 3U);
}

TEST_F(MigrationServerTest, AFailedMigrationLeavesNothingBehind) {
  const std::vector<Migration> migrations = {
      {1, "0001_good", "CREATE TABLE good (x integer)"},
      {2, "0002_bad", "CREATE TABLE half (x integer); oops"}};
  auto connection = Connection::Open(ConnectionString(options_)).value();
  const MigrationTimeouts timeouts{std::chrono::seconds(10), std::chrono::seconds(1)};
  const Status status = Migrate(*connection, migrations, timeouts);
  EXPECT_EQ(status.code(), StatusCode::kFailedPrecondition);
  EXPECT_THAT(status.message(), StartsWith("migration 0002_bad: syntax error"));
  EXPECT_EQ(Sql("SELECT max(version) FROM auditflow_migrations"), "1");
  EXPECT_EQ(Sql("SELECT to_regclass('half') IS NULL AND to_regclass('good') IS NOT NULL"), "t");
  EXPECT_TRUE(Migrate(*connection, {migrations.data(), 1}, timeouts).ok());
}

TEST_F(MigrationServerTest, AUserWithTheRightsOfADataWriterIsEnoughOnceTheTablesAreThere) {
  ASSERT_TRUE(Open()->Ping().ok());
  const std::string user = "writer_of_" + options_.database;
  Sql("CREATE ROLE " + user +
      " LOGIN; REVOKE CREATE ON SCHEMA public FROM PUBLIC;"
      "GRANT SELECT, INSERT, UPDATE ON alerts TO " +
      user +
      ";"
      "GRANT SELECT, INSERT ON alert_changes TO " +
      user +
      ";"
      "GRANT SELECT ON auditflow_migrations TO " +
      user);
  options_.user = user;
  const auto store = Open();
  EXPECT_TRUE(store->Insert(NumberedAlerts(1, 3)).has_value());
  EXPECT_TRUE(store->Delete(NumberedUuid(2), {.by = "eve"}).has_value());
  EXPECT_EQ(store->Count({}).value(), 2U);
  EXPECT_EQ(store->History(NumberedUuid(2)).value().size(), 1U);
}

}  // namespace
}  // namespace auditflow::postgres
