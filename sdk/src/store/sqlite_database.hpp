#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <utility>

#include <sys/types.h>

#include "auditflow/core/result.hpp"
#include "auditflow/core/timestamp.hpp"

#include "src/store/file_lock.hpp"
#include "src/store/sqlite_connection.hpp"
#include "src/store/sqlite_schema.hpp"

namespace auditflow::store {

/// Which file a path leads to, whatever its name.
struct FileIdentity {
  dev_t device = 0;
  ino_t inode = 0;
  friend bool operator==(const FileIdentity&, const FileIdentity&) = default;
};

struct SqliteDatabaseOptions {
  std::filesystem::path path;
  Duration busy_timeout = std::chrono::seconds(5);
  std::uint64_t max_bytes = 0;
  bool check_integrity = false;
};

/// A database file that one process owns, with a connection for writing and one for reading, which
/// do not wait for each other. Write-ahead log with synchronous=FULL.
///
/// Its statuses name the file.
///
/// Thread safety: thread-safe.
class SqliteDatabase {
 public:
  /// @return kFailedPrecondition for a file that is in use, is no SQLite database, belongs to
  /// another program or was written by a newer release.
  static Result<std::unique_ptr<SqliteDatabase>> Open(const SqliteDatabaseOptions& options,
                                                      const SqliteSchema& schema);

  /// For statements that are prepared once, before anything is written.
  [[nodiscard]] SqliteConnection& writer() { return writer_; }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  /// Runs `write`, a function of a `SqliteConnection&` that returns a `Result`, in a transaction:
  /// it happens as a whole if that succeeds, and else not at all.
  template <class Work>
  auto Write(const Work& write) -> decltype(write(std::declval<SqliteConnection&>()));
  /// Runs `read`, likewise a function, on the connection for reading.
  template <class Work>
  auto Read(const Work& read) -> decltype(read(std::declval<SqliteConnection&>()));
  /// Whether the file is still there and can be read.
  Status Ping();

 private:
  SqliteDatabase(std::filesystem::path path, FileLock lock)
      : path_(std::move(path)), lock_(std::move(lock)) {}
  Status OpenConnections(const SqliteDatabaseOptions& options, const SqliteSchema& schema);
  /// A file that was deleted or replaced under us would take rows that nobody ever sees again.
  [[nodiscard]] Status CheckFile() const;
  [[nodiscard]] Status InContext(const Status& status) const;

  const std::filesystem::path path_;
  const FileLock lock_;  ///< outlives the connections
  FileIdentity identity_;
  std::mutex write_mutex_;
  SqliteConnection writer_;
  std::mutex read_mutex_;
  SqliteConnection reader_;
};

template <class Work>
auto SqliteDatabase::Write(const Work& write)
    -> decltype(write(std::declval<SqliteConnection&>())) {
  const std::lock_guard guard(write_mutex_);
  Status status = CheckFile();
  if (status.ok()) status = writer_.Execute("BEGIN IMMEDIATE");
  if (!status.ok()) return Error(InContext(status));
  auto written = write(writer_);
  status = written ? writer_.Execute("COMMIT") : written.error();
  if (status.ok()) return written;
  // Some failures have rolled back already; then this one has nothing to do.
  (void)writer_.Execute("ROLLBACK");
  return Error(InContext(status));
}

template <class Work>
auto SqliteDatabase::Read(const Work& read) -> decltype(read(std::declval<SqliteConnection&>())) {
  const std::lock_guard guard(read_mutex_);
  auto found = read(reader_);
  if (!found) return Error(InContext(found.error()));
  return found;
}

}  // namespace auditflow::store
