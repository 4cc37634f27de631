// Events per second into the archive in PostgreSQL, beside a bare loop of libpqxx over the same
// rows: one COPY and a commit per batch into a table with the same columns and indexes, that knows
// neither days nor repeats, from texts made beforehand. Both are measured batch by batch in turns,
// on a server of the benchmark's own, so that `ratio` says more than either figure.
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>
#include <pqxx/nontransaction>
#include <pqxx/stream_to>
#include <pqxx/transaction>

#include "auditflow/core/random.hpp"
#include "auditflow/postgres/postgres_event_store.hpp"

#include "src/postgres/connection.hpp"
#include "src/postgres/conninfo.hpp"
#include "src/postgres/event_columns.hpp"
#include "tests/postgres/postgres_server.hpp"

namespace auditflow::postgres {
namespace {

using std::chrono::steady_clock;

using Texts = std::array<std::string, kEventColumns.size()>;

store::ArchivedEvent MakeEvent(RandomSource& random, Timestamp time) {
  store::ArchivedEvent event;
  event.event_id = Uuid::Random(random);
  event.timestamp = time;
  event.received_at = time + std::chrono::milliseconds(3);
  event.source_service = "audit-event-generator";
  event.server_hostname = "prod-web-" + std::to_string(random.Below(50));
  event.event_type = "user_login";
  event.severity = "WARNING";
  event.user_id = "user-" + std::to_string(random.Below(500));
  event.action_result = "FAILURE";
  if (random.Below(20) == 0) event.rule_ids = {"ANLY-SEC-001"};
  event.raw = R"({"event_id":")" + event.event_id.ToString() + R"(","timestamp":")" +
              time.ToString() + R"(","source_service":"audit-event-generator",)" +
              R"("server_hostname":")" + event.server_hostname +
              R"(","event_type":"user_login","severity":"WARNING","user_id":")" + event.user_id +
              R"(","action_result":"FAILURE","details":{"reason":"Incorrect password",)" +
              R"("ip_address":"192.168.1.150","protocol":"ssh"}})";
  return event;
}

/// The bare loop.
class Bare {
 public:
  explicit Bare(const PostgresOptions& options)
      : connection_(Connection::Open(ConnectionString(options)).value()) {
    pqxx::nontransaction(connection_->raw())
        .exec("CREATE TABLE bare (LIKE audit_events INCLUDING ALL)");
  }
  void Insert(const std::vector<Texts>& rows) {
    pqxx::work transaction(connection_->raw());
    pqxx::stream_to stream(transaction, "bare",
                           std::vector<std::string>(kEventColumns.begin(), kEventColumns.end()));
    for (const Texts& row : rows) stream << row;
    stream.complete();
    transaction.commit();
  }

 private:
  std::unique_ptr<Connection> connection_;
};

double SecondsSince(steady_clock::time_point start) {
  return std::chrono::duration<double>(steady_clock::now() - start).count();
}

void ArchiveBatches(benchmark::State& state) {
  PostgresServer* const server = PostgresServer::IsMissing() ? nullptr : SharedServer();
  if (server == nullptr) return state.SkipWithError("PostgreSQL is missing here");
  const PostgresOptions options = server->NewDatabase();
  const auto archive = PostgresEventStore::Create({.connection = options}).value();
  if (!archive->Ping().ok()) return state.SkipWithError("the archive does not come up");
  Bare bare(options);
  const std::unique_ptr<RandomSource> random = SeededRandom(1);
  const auto size = static_cast<std::size_t>(state.range(0));
  Timestamp time = SystemClock().Now() - std::chrono::hours(1);
  double bare_seconds = 0;
  double archive_seconds = 0;
  std::size_t rows = 0;
  for ([[maybe_unused]] auto _ : state) {
    std::vector<store::ArchivedEvent> events;
    std::vector<Texts> texts;
    for (std::size_t i = 0; i < size; ++i) {
      time = time + std::chrono::microseconds(100);
      events.push_back(MakeEvent(*random, time));
      texts.push_back(EventTexts(events.back()));
    }
    steady_clock::time_point start = steady_clock::now();
    bare.Insert(texts);
    bare_seconds += SecondsSince(start);
    start = steady_clock::now();
    if (!archive->Insert(events)) return state.SkipWithError("the archive refused a batch");
    const double seconds = SecondsSince(start);
    archive_seconds += seconds;
    state.SetIterationTime(seconds);
    rows += size;
  }
  if (RunSql(options, "SELECT count(*) FROM audit_events") != std::to_string(rows)) {
    state.SkipWithError("rows are missing");
  }
  state.counters["bare_rows_per_s"] = static_cast<double>(rows) / bare_seconds;
  state.counters["archive_rows_per_s"] = static_cast<double>(rows) / archive_seconds;
  state.counters["ratio"] = bare_seconds / archive_seconds;
}

BENCHMARK(ArchiveBatches)->Arg(100)->Arg(256)->Arg(1000)->Arg(5000)->UseManualTime()->MinTime(2);

}  // namespace
}  // namespace auditflow::postgres
