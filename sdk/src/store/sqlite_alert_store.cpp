#include "auditflow/store/sqlite_alert_store.hpp"

#include <mutex>
#include <system_error>

#include <sys/stat.h>

#include "src/store/alert_query_sql.hpp"
#include "src/store/alert_row.hpp"
#include "src/store/file_lock.hpp"
#include "src/store/sqlite_alert_changes.hpp"
#include "src/store/sqlite_connection.hpp"
#include "src/store/sqlite_schema.hpp"

namespace auditflow::store {
namespace {

namespace fs = std::filesystem;

/// Which file a path leads to, whatever its name.
struct FileIdentity {
  dev_t device = 0;
  ino_t inode = 0;
  friend bool operator==(const FileIdentity&, const FileIdentity&) = default;
};

FileIdentity IdentityOf(const fs::path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return {};
  return {status.st_dev, status.st_ino};
}

/// Answers to what was asked, which say nothing about the file.
bool IsCallersFault(const Status& status) {
  return status.code() == StatusCode::kNotFound || status.code() == StatusCode::kFailedPrecondition;
}

std::string InsertSql() {
  std::string sql = "INSERT INTO alerts (" + std::string(kAlertColumns) + ") VALUES (?";
  for (int i = 1; i < kAlertColumnCount; ++i) sql += ",?";
  return sql + ") ON CONFLICT (alert_id) DO NOTHING";
}

Status CheckIntegrity(SqliteConnection& connection) {
  const Result<std::string> found = connection.QueryText("PRAGMA quick_check(1)");
  if (!found) return found.error();
  return *found == "ok" ? Status() : DataLoss("is damaged: " + *found);
}

Status LimitSize(SqliteConnection& connection, std::uint64_t max_bytes) {
  if (max_bytes == 0) return Status();
  const auto page_size = connection.QueryInteger("PRAGMA page_size");
  if (!page_size) return page_size.error();
  const std::uint64_t pages = max_bytes / static_cast<std::uint64_t>(*page_size);
  return connection.Execute("PRAGMA max_page_count = " + std::to_string(pages));
}

/// Looks first and changes nothing before the file is known to be ours.
Status SetUpWriter(SqliteConnection& writer, const SqliteAlertStoreOptions& options) {
  Status status = CheckSchema(writer);
  if (status.ok() && options.check_integrity) status = CheckIntegrity(writer);
  if (status.ok()) status = writer.Execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
  // Larger than the default of 4 MB: checkpoints then write each index page once per many batches.
  if (status.ok()) {
    status = writer.Execute(
        "PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = 67108864;"
        "PRAGMA cache_size = -32768");
  }
  if (status.ok()) status = MigrateSchema(writer);
  return status.ok() ? LimitSize(writer, options.max_bytes) : status;
}

}  // namespace

struct SqliteAlertStore::Impl {
  Impl(fs::path store_path, FileLock store_lock, Clock& store_clock)
      : path(std::move(store_path)), lock(std::move(store_lock)), clock(store_clock) {}

  Status Open(const SqliteAlertStoreOptions& options);
  Status OpenReader(const SqliteAlertStoreOptions& options);
  /// A file that was deleted or replaced under us would take alerts that nobody ever sees again.
  [[nodiscard]] Status CheckFile() const;
  /// Requires `write_mutex`, and an open transaction.
  Result<std::vector<InsertResult>> InsertAll(std::span<const alert::Alert> alerts);
  Result<InsertOutcome> InsertOne(const alert::Alert& alert, Timestamp now);
  Result<StoredAlert> Change(const Uuid& alert_id, std::optional<AlertStatus> status,
                             const ChangeNote& note);
  /// Runs `write` in a transaction, which happens as a whole if it succeeds and else not at all.
  template <class Write>
  auto InTransaction(const Write& write) -> decltype(write());
  [[nodiscard]] Status InContext(const Status& status) const {
    return status.WithContext(path.string());
  }

  const fs::path path;
  const FileLock lock;  ///< outlives the connections
  Clock& clock;
  FileIdentity identity;

  std::mutex write_mutex;
  SqliteConnection writer;
  SqliteStatement insert;
  AlertRow row;

  std::mutex read_mutex;
  SqliteConnection reader;
};

Status SqliteAlertStore::Impl::Open(const SqliteAlertStoreOptions& options) {
  Result<SqliteConnection> connection = SqliteConnection::Open(path, options.busy_timeout);
  if (!connection) return connection.error();
  writer = *std::move(connection);
  Status status = SetUpWriter(writer, options);
  if (!status.ok()) return status;
  Result<SqliteStatement> statement = writer.Prepare(InsertSql());
  if (!statement) return statement.error();
  insert = *std::move(statement);
  identity = IdentityOf(path);
  return OpenReader(options);
}

Status SqliteAlertStore::Impl::OpenReader(const SqliteAlertStoreOptions& options) {
  Result<SqliteConnection> connection = SqliteConnection::Open(path, options.busy_timeout);
  if (!connection) return connection.error();
  reader = *std::move(connection);
  return reader.Execute("PRAGMA query_only = ON");
}

Status SqliteAlertStore::Impl::CheckFile() const {
  if (IdentityOf(path) == identity) return Status();
  return Unavailable("the file was removed or replaced while it was in use");
}

Result<InsertOutcome> SqliteAlertStore::Impl::InsertOne(const alert::Alert& alert, Timestamp now) {
  row.Bind(alert, now, insert);
  const Result<bool> stepped = insert.Step();
  insert.Reset();
  if (!stepped) return Error(stepped.error());
  return writer.Changes() == 1 ? InsertOutcome::kInserted : InsertOutcome::kDuplicate;
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
    results.push_back({*outcome, ""});
  }
  return results;
}

template <class Write>
auto SqliteAlertStore::Impl::InTransaction(const Write& write) -> decltype(write()) {
  const std::lock_guard guard(write_mutex);
  Status status = CheckFile();
  if (status.ok()) status = writer.Execute("BEGIN IMMEDIATE");
  if (!status.ok()) return Error(InContext(status));
  auto written = write();
  status = written ? writer.Execute("COMMIT") : written.error();
  if (status.ok()) return written;
  // Some failures have rolled back already; then this one has nothing to do.
  (void)writer.Execute("ROLLBACK");
  return Error(IsCallersFault(status) ? status : InContext(status));
}

Result<StoredAlert> SqliteAlertStore::Impl::Change(const Uuid& alert_id,
                                                   std::optional<AlertStatus> status,
                                                   const ChangeNote& note) {
  const Status valid = Validate(note);
  if (!valid.ok()) return Error(valid);
  return InTransaction([&] { return ChangeAlert(writer, alert_id, status, note, clock.Now()); });
}

SqliteAlertStore::SqliteAlertStore(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
SqliteAlertStore::~SqliteAlertStore() = default;

Result<std::unique_ptr<SqliteAlertStore>> SqliteAlertStore::Create(
    const SqliteAlertStoreOptions& options, Clock& clock) {
  if (options.path.empty()) return Error(InvalidArgument("path: is empty"));
  std::error_code code;
  // Absolute, so that none of SQLite's special names is one.
  const fs::path path = fs::absolute(options.path, code);
  if (code) return Error(InvalidArgument("path: " + code.message()));
  Result<FileLock> lock = FileLock::Acquire(path.string() + ".lock");
  if (!lock) return Error(lock.error().WithContext(path.string()));
  auto impl = std::make_unique<Impl>(path, *std::move(lock), clock);
  Status status = impl->Open(options);
  if (!status.ok()) return Error(impl->InContext(status));
  return std::unique_ptr<SqliteAlertStore>(new SqliteAlertStore(std::move(impl)));
}

Result<std::vector<InsertResult>> SqliteAlertStore::Insert(std::span<const alert::Alert> alerts) {
  return impl_->InTransaction([&] { return impl_->InsertAll(alerts); });
}

Result<StoredAlert> SqliteAlertStore::SetStatus(const Uuid& alert_id, AlertStatus status,
                                                const ChangeNote& note) {
  return impl_->Change(alert_id, status, note);
}

Result<StoredAlert> SqliteAlertStore::Delete(const Uuid& alert_id, const ChangeNote& note) {
  return impl_->Change(alert_id, std::nullopt, note);
}

Result<std::vector<AlertState>> SqliteAlertStore::History(const Uuid& alert_id) {
  const std::lock_guard lock(impl_->read_mutex);
  Result<std::vector<AlertState>> history = ReadHistory(impl_->reader, alert_id);
  if (!history) return Error(impl_->InContext(history.error()));
  return history;
}

Result<std::vector<StoredAlert>> SqliteAlertStore::List(const AlertQuery& query) {
  const AlertQuerySql list = AlertQuerySql::List(query);
  const std::lock_guard lock(impl_->read_mutex);
  Result<SqliteStatement> statement = impl_->reader.Prepare(list.sql());
  if (!statement) return Error(impl_->InContext(statement.error()));
  list.BindTo(*statement);
  std::vector<StoredAlert> page;
  for (;;) {
    const Result<bool> has_row = statement->Step();
    if (!has_row) return Error(impl_->InContext(has_row.error()));
    if (!*has_row) return page;
    Result<StoredAlert> stored = ReadAlertRow(*statement);
    if (!stored) return Error(impl_->InContext(stored.error()));
    page.push_back(*std::move(stored));
  }
}

Result<std::optional<StoredAlert>> SqliteAlertStore::Get(const Uuid& alert_id) {
  const std::lock_guard lock(impl_->read_mutex);
  Result<std::optional<StoredAlert>> found = FindAlert(impl_->reader, alert_id);
  if (!found) return Error(impl_->InContext(found.error()));
  if (*found && (*found)->state.deleted) return std::optional<StoredAlert>();
  return found;
}

Result<std::uint64_t> SqliteAlertStore::Count(const AlertQuery& query) {
  const AlertQuerySql count = AlertQuerySql::Count(query);
  const std::lock_guard lock(impl_->read_mutex);
  Result<SqliteStatement> statement = impl_->reader.Prepare(count.sql());
  if (!statement) return Error(impl_->InContext(statement.error()));
  count.BindTo(*statement);
  const Result<bool> has_row = statement->Step();
  if (!has_row) return Error(impl_->InContext(has_row.error()));
  return static_cast<std::uint64_t>(statement->Integer(0));
}

Result<std::vector<FacetCount>> SqliteAlertStore::CountBy(AlertFacet facet,
                                                          const AlertQuery& query) {
  const AlertQuerySql count = AlertQuerySql::CountBy(facet, query);
  const std::lock_guard lock(impl_->read_mutex);
  Result<SqliteStatement> statement = impl_->reader.Prepare(count.sql());
  if (!statement) return Error(impl_->InContext(statement.error()));
  count.BindTo(*statement);
  std::vector<FacetCount> counts;
  for (;;) {
    const Result<bool> has_row = statement->Step();
    if (!has_row) return Error(impl_->InContext(has_row.error()));
    if (!*has_row) return counts;
    counts.push_back(
        {std::string(statement->Text(0)), static_cast<std::uint64_t>(statement->Integer(1))});
  }
}

Status SqliteAlertStore::Ping() {
  const std::lock_guard lock(impl_->read_mutex);
  Status status = impl_->CheckFile();
  if (!status.ok()) return impl_->InContext(status);
  const auto version = impl_->reader.QueryInteger("PRAGMA user_version");
  return version ? Status() : impl_->InContext(version.error());
}

}  // namespace auditflow::store
