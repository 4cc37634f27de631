#include "auditflow/store/sqlite_alert_store.hpp"

#include "src/store/alert_query_sql.hpp"
#include "src/store/alert_row.hpp"
#include "src/store/sqlite_alert_changes.hpp"
#include "src/store/sqlite_database.hpp"
#include "src/store/sqlite_outbox.hpp"

namespace auditflow::store {
namespace {

std::string InsertSql() {
  std::string sql = "INSERT INTO alerts (" + std::string(kAlertColumns) + ") VALUES (?";
  for (int i = 1; i < kAlertColumnCount; ++i) sql += ",?";
  return sql + ") ON CONFLICT (alert_id) DO NOTHING";
}

}  // namespace

struct SqliteAlertStore::Impl {
  Impl(std::unique_ptr<SqliteDatabase> store_database, std::vector<OutboxTarget> targets,
       Clock& store_clock)
      : database(std::move(store_database)),
        clock(store_clock),
        outbox(std::move(targets), *database, store_clock) {}

  Status Prepare();

  /// Both within a transaction.
  Result<std::vector<InsertResult>> InsertAll(std::span<const alert::Alert> alerts);
  Result<InsertOutcome> InsertOne(const alert::Alert& alert, Timestamp now);
  Result<StoredAlert> Change(const Uuid& alert_id, std::optional<AlertStatus> status,
                             const ChangeNote& note);
  template <class ReadRow>
  Status Query(const AlertQuerySql& query, const ReadRow& read_row);

  const std::unique_ptr<SqliteDatabase> database;
  Clock& clock;
  SqliteStatement insert;
  AlertRow row;
  SqliteOutbox outbox;
};

Status SqliteAlertStore::Impl::Prepare() {
  Result<SqliteStatement> statement = database->writer().Prepare(InsertSql());
  if (!statement) return statement.error();
  insert = *std::move(statement);
  return outbox.Prepare();
}

Result<InsertOutcome> SqliteAlertStore::Impl::InsertOne(const alert::Alert& alert, Timestamp now) {
  row.Bind(alert, now, insert);
  const Result<bool> stepped = insert.Step();
  insert.Reset();
  if (!stepped) return Error(stepped.error());
  return database->writer().Changes() == 1 ? InsertOutcome::kInserted : InsertOutcome::kDuplicate;
}

Result<std::vector<InsertResult>> SqliteAlertStore::Impl::InsertAll(
    std::span<const alert::Alert> alerts) {
  const Timestamp now = clock.Now();
  std::vector<InsertResult> results;
  results.reserve(alerts.size());
  for (const alert::Alert& alert : alerts) {
    Status valid = Validate(alert);
    if (!valid.ok()) {
      results.push_back({InsertOutcome::kRejected, valid.message()});
      continue;
    }
    const Result<InsertOutcome> outcome = InsertOne(alert, now);
    if (!outcome) return Error(outcome.error());
    if (*outcome == InsertOutcome::kInserted) {
      Status queued = outbox.Add(alert, now);
      if (!queued.ok()) return Error(std::move(queued));
    }
    results.push_back({*outcome, ""});
  }
  return results;
}

Result<StoredAlert> SqliteAlertStore::Impl::Change(const Uuid& alert_id,
                                                   std::optional<AlertStatus> status,
                                                   const ChangeNote& note) {
  const Status valid = Validate(note);
  if (!valid.ok()) return Error(valid);
  return database->Write([&](SqliteConnection& writer) {
    return ChangeAlert(writer, alert_id, status, note, clock.Now());
  });
}

template <class ReadRow>
Status SqliteAlertStore::Impl::Query(const AlertQuerySql& query, const ReadRow& read_row) {
  const Result<bool> done = database->Read([&](SqliteConnection& reader) -> Result<bool> {
    Status status = query.ForEachRow(reader, read_row);
    if (!status.ok()) return Error(std::move(status));
    return true;
  });
  return done ? Status() : done.error();
}

SqliteAlertStore::SqliteAlertStore(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
SqliteAlertStore::~SqliteAlertStore() = default;

Outbox& SqliteAlertStore::outbox() { return impl_->outbox; }

Result<std::unique_ptr<SqliteAlertStore>> SqliteAlertStore::Create(
    const SqliteAlertStoreOptions& options, Clock& clock) {
  Status valid = Validate(options.outbox_targets);
  if (!valid.ok()) return Error(valid.WithContext("outbox_targets"));
  auto database = SqliteDatabase::Open(
      {options.path, options.busy_timeout, options.max_bytes, options.check_integrity},
      AlertSchema());
  if (!database) return Error(database.error());
  auto impl = std::make_unique<Impl>(*std::move(database), options.outbox_targets, clock);
  Status prepared = impl->Prepare();
  if (!prepared.ok()) return Error(prepared.WithContext(impl->database->path().string()));
  return std::unique_ptr<SqliteAlertStore>(new SqliteAlertStore(std::move(impl)));
}

Result<std::vector<InsertResult>> SqliteAlertStore::Insert(std::span<const alert::Alert> alerts) {
  return impl_->database->Write([&](SqliteConnection&) { return impl_->InsertAll(alerts); });
}

Result<StoredAlert> SqliteAlertStore::SetStatus(const Uuid& alert_id, AlertStatus status,
                                                const ChangeNote& note) {
  return impl_->Change(alert_id, status, note);
}

Result<StoredAlert> SqliteAlertStore::Delete(const Uuid& alert_id, const ChangeNote& note) {
  return impl_->Change(alert_id, std::nullopt, note);
}

Result<std::vector<AlertState>> SqliteAlertStore::History(const Uuid& alert_id) {
  return impl_->database->Read(
      [&](SqliteConnection& reader) { return ReadHistory(reader, alert_id); });
}

Result<std::vector<StoredAlert>> SqliteAlertStore::List(const AlertQuery& query) {
  std::vector<StoredAlert> page;
  Status status = impl_->Query(AlertQuerySql::List(query), [&](const SqliteStatement& row) {
    Result<StoredAlert> stored = ReadAlertRow(row);
    if (!stored) return stored.error();
    page.push_back(*std::move(stored));
    return Status();
  });
  if (!status.ok()) return Error(std::move(status));
  return page;
}

Result<std::optional<StoredAlert>> SqliteAlertStore::Get(const Uuid& alert_id) {
  auto found =
      impl_->database->Read([&](SqliteConnection& reader) { return FindAlert(reader, alert_id); });
  if (found && *found && (*found)->state.deleted) return std::optional<StoredAlert>();
  return found;
}

Result<std::uint64_t> SqliteAlertStore::Count(const AlertQuery& query) {
  std::uint64_t count = 0;
  Status status = impl_->Query(AlertQuerySql::Count(query), [&](const SqliteStatement& row) {
    count = static_cast<std::uint64_t>(row.Integer(0));
    return Status();
  });
  if (!status.ok()) return Error(std::move(status));
  return count;
}

Result<std::vector<FacetCount>> SqliteAlertStore::CountBy(AlertFacet facet,
                                                          const AlertQuery& query) {
  std::vector<FacetCount> counts;
  Status status =
      impl_->Query(AlertQuerySql::CountBy(facet, query), [&](const SqliteStatement& row) {
        counts.push_back({std::string(row.Text(0)), static_cast<std::uint64_t>(row.Integer(1))});
        return Status();
      });
  if (!status.ok()) return Error(std::move(status));
  return counts;
}

Status SqliteAlertStore::Ping() { return impl_->database->Ping(); }

}  // namespace auditflow::store
