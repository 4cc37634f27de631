#include "auditflow/postgres/postgres_alert_store.hpp"

#include <pqxx/nontransaction>
#include <pqxx/result>
#include <pqxx/transaction>

#include "src/postgres/alert_columns.hpp"
#include "src/postgres/alert_insert.hpp"
#include "src/postgres/alert_query.hpp"
#include "src/postgres/alert_rows.hpp"
#include "src/postgres/connection_pool.hpp"
#include "src/postgres/migrations.hpp"
#include "src/postgres/postgres_outbox.hpp"

namespace auditflow::postgres {
namespace {

using store::AlertState;
using store::StoredAlert;

ConnectionPool::Prepare Preparation(const PostgresOptions& options) {
  if (!options.migrate) return [](Connection&) { return Status(); };
  const MigrationTimeouts timeouts{options.migration_timeout, options.lock_timeout};
  return [timeouts](Connection& connection) { return Migrate(connection, Migrations(), timeouts); };
}

std::optional<StoredAlert> Find(pqxx::transaction_base& transaction, const Uuid& alert_id,
                                std::string_view lock = "") {
  const pqxx::result rows = transaction.exec_params(
      "SELECT " + AlertSelectList() + " FROM alerts WHERE alert_id = $1" + std::string(lock),
      alert_id.ToString());
  if (rows.empty()) return std::nullopt;
  return ReadAlert(rows[0]);
}

void WriteState(pqxx::transaction_base& transaction, const Uuid& alert_id,
                const AlertState& state) {
  const std::string id = alert_id.ToString();
  const std::string status(ToString(state.status));
  const auto version = static_cast<std::int64_t>(state.version);
  const std::string at = MicrosecondText(state.changed_at);
  transaction.exec_params(
      "UPDATE alerts SET status = $2, deleted = $3, version = $4, changed_at = $5, "
      "changed_by = $6, change_reason = $7 WHERE alert_id = $1",
      id, status, state.deleted, version, at, state.changed_by, state.change_reason);
  transaction.exec_params(
      "INSERT INTO alert_changes (alert_id, status, deleted, version, changed_at, changed_by, "
      "change_reason) VALUES ($1, $2, $3, $4, $5, $6, $7)",
      id, status, state.deleted, version, at, state.changed_by, state.change_reason);
}

Result<StoredAlert> ChangeAlert(pqxx::connection& connection, const Uuid& alert_id,
                                std::optional<store::AlertStatus> status,
                                const store::ChangeNote& note, Timestamp now) {
  pqxx::work transaction(connection);
  std::optional<StoredAlert> stored = Find(transaction, alert_id, " FOR NO KEY UPDATE");
  if (!stored) return Error(NotFound("there is no such alert"));
  Result<AlertState> next = NextState(stored->state, status, note, now);
  if (!next) return Error(next.error());
  stored->state = *std::move(next);
  WriteState(transaction, alert_id, stored->state);
  transaction.commit();
  return *std::move(stored);
}

}  // namespace

struct PostgresAlertStore::Impl {
  Impl(const PostgresOptions& options, std::vector<store::OutboxTarget> outbox_targets,
       Clock& store_clock)
      : clock(store_clock),
        targets(std::move(outbox_targets)),
        pool(options, Preparation(options), store_clock),
        outbox(pool, store_clock) {}

  Result<StoredAlert> Change(const Uuid& alert_id, std::optional<store::AlertStatus> status,
                             const store::ChangeNote& note);
  template <class Read>
  auto Query(const AlertQuery& query, const Read& read) -> Result<decltype(read(pqxx::result()))>;

  Clock& clock;
  const std::vector<store::OutboxTarget> targets;
  ConnectionPool pool;
  PostgresOutbox outbox;
};

/// Runs a query that is one statement, and gives its rows to `read`.
template <class Read>
auto PostgresAlertStore::Impl::Query(const AlertQuery& query, const Read& read)
    -> Result<decltype(read(pqxx::result()))> {
  using Answer = Result<decltype(read(pqxx::result()))>;
  return pool.Run([&](pqxx::connection& connection) -> Answer {
    pqxx::nontransaction transaction(connection);
    return read(query.Run(transaction));
  });
}

Result<StoredAlert> PostgresAlertStore::Impl::Change(const Uuid& alert_id,
                                                     std::optional<store::AlertStatus> status,
                                                     const store::ChangeNote& note) {
  const Status valid = Validate(note);
  if (!valid.ok()) return Error(valid);
  return pool.Run([&](pqxx::connection& connection) {
    return ChangeAlert(connection, alert_id, status, note, clock.Now());
  });
}

PostgresAlertStore::PostgresAlertStore(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
PostgresAlertStore::~PostgresAlertStore() = default;

Result<std::unique_ptr<PostgresAlertStore>> PostgresAlertStore::Create(
    const PostgresOptions& options, Clock& clock) {
  return Create(options, std::vector<store::OutboxTarget>(), clock);
}

Result<std::unique_ptr<PostgresAlertStore>> PostgresAlertStore::Create(
    const PostgresOptions& options, std::vector<store::OutboxTarget> targets, Clock& clock) {
  Status valid = Validate(options);
  if (!valid.ok()) return Error(std::move(valid));
  valid = store::Validate(targets);
  if (!valid.ok()) return Error(valid.WithContext("outbox_targets"));
  return std::unique_ptr<PostgresAlertStore>(
      new PostgresAlertStore(std::make_unique<Impl>(options, std::move(targets), clock)));
}

void PostgresAlertStore::Connect() { impl_->pool.Start(); }
store::Outbox& PostgresAlertStore::outbox() { return impl_->outbox; }

PostgresHealth PostgresAlertStore::Health() const { return impl_->pool.Health(); }
PoolStatistics PostgresAlertStore::Pool() const { return impl_->pool.Statistics(); }

Result<std::vector<store::InsertResult>> PostgresAlertStore::Insert(
    std::span<const alert::Alert> alerts) {
  using Results = Result<std::vector<store::InsertResult>>;
  constexpr int kAttempts = 3;  // a deadlock takes one of two, the other goes on
  for (int attempt = 1;; ++attempt) {
    Results results = impl_->pool.Run([&](pqxx::connection& connection) -> Results {
      return InsertAlerts(connection, alerts, impl_->targets, impl_->clock.Now());
    });
    const bool again = !results && results.error().code() == StatusCode::kAborted;
    if (!again || attempt == kAttempts) return results;
  }
}

Result<std::vector<StoredAlert>> PostgresAlertStore::List(const store::AlertQuery& query) {
  const AlertQuery list = AlertQuery::List(query);
  if (list.is_impossible()) return std::vector<StoredAlert>();
  return impl_->Query(list, [](const pqxx::result& rows) {
    std::vector<StoredAlert> page;
    page.reserve(rows.size());
    for (const auto& row : rows) page.push_back(ReadAlert(row));
    return page;
  });
}

Result<std::optional<StoredAlert>> PostgresAlertStore::Get(const Uuid& alert_id) {
  using Answer = Result<std::optional<StoredAlert>>;
  return impl_->pool.Run([&](pqxx::connection& connection) -> Answer {
    pqxx::nontransaction transaction(connection);
    std::optional<StoredAlert> stored = Find(transaction, alert_id);
    if (!stored || stored->state.deleted) return std::nullopt;
    return stored;
  });
}

Result<std::uint64_t> PostgresAlertStore::Count(const store::AlertQuery& query) {
  const AlertQuery count = AlertQuery::Count(query);
  if (count.is_impossible()) return 0;
  return impl_->Query(count, [](const pqxx::result& rows) {
    return static_cast<std::uint64_t>(rows[0][0].as<std::int64_t>());
  });
}

Result<std::vector<store::FacetCount>> PostgresAlertStore::CountBy(store::AlertFacet facet,
                                                                   const store::AlertQuery& query) {
  const AlertQuery count = AlertQuery::CountBy(facet, query);
  if (count.is_impossible()) return std::vector<store::FacetCount>();
  return impl_->Query(count, [](const pqxx::result& rows) {
    std::vector<store::FacetCount> counts;
    for (const auto& row : rows) {
      counts.push_back({row[0].c_str(), static_cast<std::uint64_t>(row[1].as<std::int64_t>())});
    }
    return counts;
  });
}

Result<StoredAlert> PostgresAlertStore::SetStatus(const Uuid& alert_id, store::AlertStatus status,
                                                  const store::ChangeNote& note) {
  return impl_->Change(alert_id, status, note);
}

Result<StoredAlert> PostgresAlertStore::Delete(const Uuid& alert_id,
                                               const store::ChangeNote& note) {
  return impl_->Change(alert_id, std::nullopt, note);
}

Result<std::vector<AlertState>> PostgresAlertStore::History(const Uuid& alert_id) {
  using Answer = Result<std::vector<AlertState>>;
  return impl_->pool.Run([&](pqxx::connection& connection) -> Answer {
    pqxx::nontransaction transaction(connection);
    const pqxx::result rows = transaction.exec_params(
        "SELECT " + StateSelectList() + " FROM alert_changes WHERE alert_id = $1 ORDER BY version",
        alert_id.ToString());
    std::vector<AlertState> history;
    for (const auto& row : rows) history.push_back(ReadState(row));
    return history;
  });
}

Status PostgresAlertStore::Ping() {
  const Result<bool> answered = impl_->pool.Run([](pqxx::connection& connection) -> Result<bool> {
    pqxx::nontransaction(connection).exec("SELECT 1");
    return true;
  });
  return answered ? Status() : answered.error();
}

}  // namespace auditflow::postgres
