// Alerts per second into PostgreSQL, beside a bare loop of libpqxx over the same rows: one prepared
// `unnest` insert and a commit per batch into the contract's table as the Python service makes it,
// with parameters made beforehand. Both are measured batch by batch in turns, on a server of the
// benchmark's own, so that `ratio` says more than either figure.
#include <chrono>
#include <cstdio>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>
#include <pqxx/nontransaction>
#include <pqxx/result>
#include <pqxx/transaction>

#include "auditflow/core/random.hpp"
#include "auditflow/postgres/postgres_alert_store.hpp"

#include "src/postgres/alert_columns.hpp"
#include "src/postgres/connection.hpp"
#include "src/postgres/conninfo.hpp"
#include "src/postgres/text_array.hpp"
#include "tests/postgres/postgres_server.hpp"

namespace auditflow::postgres {
namespace {

using std::chrono::steady_clock;

/// An alert as the shipped rules make them of generated events, with an id of its own.
alert::Alert MakeAlert(RandomSource& random, int second) {
  alert::Alert alert;
  alert.alert_id = Uuid::Random(random);
  alert.correlation_id = Uuid::Random(random);
  alert.timestamp = Timestamp::FromUnixNanos(1'795'000'000'000'000'000) +
                    std::chrono::milliseconds(second) + std::chrono::nanoseconds(352'392'000);
  alert.alert_name = "Multiple Failed Login Attempts";
  alert.alert_type = "SECURITY";
  alert.severity = "CRITICAL";
  const std::string user = "user-" + std::to_string(random.Below(500));
  const std::string host = "prod-web-" + std::to_string(random.Below(50));
  alert.description = "3 or more failed login attempts for user '" + user + "' on '" + host +
                      "' within 60 seconds.";
  alert.source_service_name = "audit-event-generator";
  alert.analysis_rule = {"ANLY-SEC-001", "Failed Login Burst Detection",
                         "Detects 3 failed logins within 60 seconds."};
  alert.triggered_by = {"USER", user, "192.168.1." + std::to_string(random.Below(200))};
  alert.impacted_resource = {"SERVER", host, host};
  alert.action_observed = "LOGIN_FAILURE";
  alert.metadata = {{"brute-force", "authentication", "critical"},
                    "DEVELOPMENT",
                    "Lock the account and look where the attempts come from.",
                    "https://playbooks.example.org/brute-force",
                    ""};
  alert.raw_event_data =
      R"({"event_id":")" + alert.correlation_id.ToString() + R"(","timestamp":")" +
      alert.timestamp.ToString() + R"(","source_service":"audit-event-generator",)" +
      R"("server_hostname":")" + host + R"(","event_type":"user_login","severity":"WARNING",)" +
      R"("user_id":")" + user + R"(","action_result":"FAILURE","details":{"reason":)" +
      R"("Incorrect password","ip_address":")" + alert.triggered_by.client_ip +
      R"(","protocol":"ssh"}})";
  return alert;
}

/// The first migration is the contract's table; its index on the timestamp is the second's.
std::string ContractTable() {
  std::ifstream file(std::string(AUDITFLOW_SOURCE_DIR) +
                     "/sdk/migrations/postgres/0001_alerts.sql");
  std::ostringstream text;
  text << file.rdbuf() << "CREATE INDEX ON alerts (timestamp DESC);";
  return text.str();
}

/// The bare loop.
class Bare {
 public:
  explicit Bare(const PostgresOptions& options)
      : connection_(Connection::Open(ConnectionString(options)).value()) {
    pqxx::nontransaction(connection_->raw()).exec(ContractTable());
    std::string columns;
    std::string values;
    std::string arrays;
    int number = 0;
    for (const AlertColumn& column : kAlertColumns) {
      if (column.name == "timestamp_nanos") continue;
      const std::string comma = number == 0 ? "" : ", ";
      columns.append(comma).append(column.name);
      values.append(comma).append("new.").append(column.name).append(column.cast);
      arrays +=
          comma + "$" + std::to_string(++number) + "::" + std::string(column.array_type) + "[]";
    }
    connection_->raw().prepare("insert", "INSERT INTO alerts (" + columns + ") SELECT " + values +
                                             " FROM unnest(" + arrays + ") AS new (" + columns +
                                             ") ON CONFLICT (alert_id) DO NOTHING");
  }

  static std::vector<std::string> Parameters(const std::vector<alert::Alert>& alerts) {
    std::array<TextArray, kAlertColumnCount> arrays;
    AlertTexts texts;
    for (const alert::Alert& alert : alerts) {
      const auto& row = texts.Make(alert);
      for (std::size_t i = 0; i < row.size(); ++i) arrays[i].Add(row[i]);
    }
    std::vector<std::string> parameters;
    for (std::size_t i = 0; i < arrays.size(); ++i) {
      if (kAlertColumns[i].name != "timestamp_nanos") parameters.push_back(arrays[i].Finished());
    }
    return parameters;
  }

  void Insert(const std::vector<std::string>& parameters) {
    pqxx::work transaction(connection_->raw());
    transaction.exec_prepared("insert", pqxx::prepare::make_dynamic_params(parameters));
    transaction.commit();
  }

 private:
  std::unique_ptr<Connection> connection_;
};

double SecondsSince(steady_clock::time_point start) {
  return std::chrono::duration<double>(steady_clock::now() - start).count();
}

void InsertBatches(benchmark::State& state) {
  PostgresServer* const server = PostgresServer::IsMissing() ? nullptr : SharedServer();
  if (server == nullptr) return state.SkipWithError("PostgreSQL is missing here");
  const auto store = PostgresAlertStore::Create(server->NewDatabase()).value();
  if (!store->Ping().ok()) return state.SkipWithError("the store does not come up");
  Bare bare(server->NewDatabase());
  const std::unique_ptr<RandomSource> random = SeededRandom(1);
  const auto size = static_cast<std::size_t>(state.range(0));
  double bare_seconds = 0;
  double store_seconds = 0;
  std::size_t rows = 0;
  int second = 0;
  for ([[maybe_unused]] auto _ : state) {
    std::vector<alert::Alert> alerts;
    for (std::size_t i = 0; i < size; ++i) alerts.push_back(MakeAlert(*random, second++));
    const std::vector<std::string> parameters = Bare::Parameters(alerts);
    steady_clock::time_point start = steady_clock::now();
    bare.Insert(parameters);
    bare_seconds += SecondsSince(start);
    start = steady_clock::now();
    if (!store->Insert(alerts)) return state.SkipWithError("the store refused a batch");
    const double seconds = SecondsSince(start);
    store_seconds += seconds;
    state.SetIterationTime(seconds);
    rows += size;
  }
  if (store->Count({}).value_or(0) != rows) state.SkipWithError("rows are missing");
  state.counters["bare_rows_per_s"] = static_cast<double>(rows) / bare_seconds;
  state.counters["store_rows_per_s"] = static_cast<double>(rows) / store_seconds;
  state.counters["ratio"] = bare_seconds / store_seconds;
}

BENCHMARK(InsertBatches)->Arg(100)->Arg(500)->Arg(1000)->UseManualTime()->MinTime(3);

}  // namespace
}  // namespace auditflow::postgres
