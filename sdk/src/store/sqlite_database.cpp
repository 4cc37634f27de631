#include "src/store/sqlite_database.hpp"

#include <string>
#include <system_error>

#include <sys/stat.h>

namespace auditflow::store {
namespace {

namespace fs = std::filesystem;

FileIdentity IdentityOf(const fs::path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return {};
  return {status.st_dev, status.st_ino};
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
Status SetUpWriter(SqliteConnection& writer, const SqliteDatabaseOptions& options,
                   const SqliteSchema& schema) {
  Status status = CheckSchema(writer, schema);
  if (status.ok() && options.check_integrity) status = CheckIntegrity(writer);
  if (status.ok()) status = writer.Execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
  // Larger than the default of 4 MB: checkpoints then write each index page once per many batches.
  if (status.ok()) {
    status = writer.Execute(
        "PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = 67108864;"
        "PRAGMA cache_size = -32768");
  }
  if (status.ok()) status = MigrateSchema(writer, schema);
  return status.ok() ? LimitSize(writer, options.max_bytes) : status;
}

/// Answers to what was asked, which say nothing about the file.
bool IsCallersFault(const Status& status) {
  return status.code() == StatusCode::kNotFound || status.code() == StatusCode::kFailedPrecondition;
}

}  // namespace

Result<std::unique_ptr<SqliteDatabase>> SqliteDatabase::Open(const SqliteDatabaseOptions& options,
                                                             const SqliteSchema& schema) {
  if (options.path.empty()) return Error(InvalidArgument("path: is empty"));
  std::error_code code;
  // Absolute, so that none of SQLite's special names is one.
  const fs::path path = fs::absolute(options.path, code);
  if (code) return Error(InvalidArgument("path: " + code.message()));
  Result<FileLock> lock = FileLock::Acquire(path.string() + ".lock");
  if (!lock) return Error(lock.error().WithContext(path.string()));
  std::unique_ptr<SqliteDatabase> database(new SqliteDatabase(path, *std::move(lock)));
  Status status = database->OpenConnections(options, schema);
  if (!status.ok()) return Error(status.WithContext(path.string()));
  return database;
}

Status SqliteDatabase::OpenConnections(const SqliteDatabaseOptions& options,
                                       const SqliteSchema& schema) {
  Result<SqliteConnection> writer = SqliteConnection::Open(path_, options.busy_timeout);
  if (!writer) return writer.error();
  writer_ = *std::move(writer);
  Status status = SetUpWriter(writer_, options, schema);
  if (!status.ok()) return status;
  identity_ = IdentityOf(path_);
  Result<SqliteConnection> reader = SqliteConnection::Open(path_, options.busy_timeout);
  if (!reader) return reader.error();
  reader_ = *std::move(reader);
  return reader_.Execute("PRAGMA query_only = ON");
}

Status SqliteDatabase::CheckFile() const {
  if (IdentityOf(path_) == identity_) return Status();
  return Unavailable("the file was removed or replaced while it was in use");
}

Status SqliteDatabase::InContext(const Status& status) const {
  return IsCallersFault(status) ? status : status.WithContext(path_.string());
}

Status SqliteDatabase::Ping() {
  const Result<std::int64_t> version = Read([&](SqliteConnection& reader) -> Result<std::int64_t> {
    Status status = CheckFile();
    if (!status.ok()) return Error(std::move(status));
    return reader.QueryInteger("PRAGMA user_version");
  });
  return version ? Status() : version.error();
}

}  // namespace auditflow::store
