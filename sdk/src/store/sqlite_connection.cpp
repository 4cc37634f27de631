#include "src/store/sqlite_connection.hpp"

#include <algorithm>
#include <limits>

#include <sqlite3.h>

#include "src/store/sqlite_error.hpp"

namespace auditflow::store {

void SqliteStatement::Finalize::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

void SqliteStatement::Bind(int parameter, std::string_view text) {
  // A null pointer would bind NULL instead of the empty text.
  const char* const data = text.data() == nullptr ? "" : text.data();
  const int code = sqlite3_bind_text64(statement_.get(), parameter, data, text.size(),
                                       SQLITE_STATIC, SQLITE_UTF8);
  if (bind_code_ == SQLITE_OK) bind_code_ = code;
}

void SqliteStatement::Bind(int parameter, std::int64_t number) {
  const int code = sqlite3_bind_int64(statement_.get(), parameter, number);
  if (bind_code_ == SQLITE_OK) bind_code_ = code;
}

Result<bool> SqliteStatement::Step() {
  const int code = bind_code_ == SQLITE_OK ? sqlite3_step(statement_.get()) : bind_code_;
  Status status = SqliteStatus(code, sqlite3_errmsg(sqlite3_db_handle(statement_.get())));
  if (!status.ok()) return Error(std::move(status));
  return code == SQLITE_ROW;
}

void SqliteStatement::Reset() {
  sqlite3_reset(statement_.get());  // repeats the error of the last step, which was reported
  sqlite3_clear_bindings(statement_.get());
  bind_code_ = SQLITE_OK;
}

std::string_view SqliteStatement::Text(int column) const {
  const auto* const text =
      reinterpret_cast<const char*>(sqlite3_column_text(statement_.get(), column));
  if (text == nullptr) return {};
  return {text, static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

std::int64_t SqliteStatement::Integer(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

bool SqliteStatement::IsNull(int column) const {
  return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}

void SqliteConnection::Close::operator()(sqlite3* database) const { sqlite3_close_v2(database); }

Result<SqliteConnection> SqliteConnection::Open(const std::filesystem::path& path,
                                                Duration busy_timeout) {
  sqlite3* database = nullptr;
  const int code = sqlite3_open_v2(
      path.c_str(), &database,
      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
      nullptr);
  SqliteConnection connection(database);  // to be closed even if opening failed
  Status status = connection.StatusOf(code);
  if (!status.ok()) return Error(std::move(status));
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(busy_timeout);
  constexpr std::int64_t kLongest = std::numeric_limits<int>::max();
  sqlite3_busy_timeout(
      database, static_cast<int>(std::clamp<std::int64_t>(milliseconds.count(), 0, kLongest)));
  return connection;
}

Status SqliteConnection::StatusOf(int code) const {
  return SqliteStatus(code, database_ ? sqlite3_errmsg(database_.get()) : sqlite3_errstr(code));
}

Status SqliteConnection::Execute(const std::string& sql) {
  return StatusOf(sqlite3_exec(database_.get(), sql.c_str(), nullptr, nullptr, nullptr));
}

Result<SqliteStatement> SqliteConnection::Prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v2(database_.get(), sql.data(), static_cast<int>(sql.size()),
                                      &statement, nullptr);
  Status status = StatusOf(code);
  if (!status.ok()) return Error(std::move(status));
  return SqliteStatement(statement);
}

Result<std::int64_t> SqliteConnection::QueryInteger(std::string_view sql) {
  Result<SqliteStatement> statement = Prepare(sql);
  if (!statement) return Error(statement.error());
  const Result<bool> row = statement->Step();
  if (!row) return Error(row.error());
  return statement->Integer(0);
}

Result<std::string> SqliteConnection::QueryText(std::string_view sql) {
  Result<SqliteStatement> statement = Prepare(sql);
  if (!statement) return Error(statement.error());
  const Result<bool> row = statement->Step();
  if (!row) return Error(row.error());
  return std::string(statement->Text(0));
}

int SqliteConnection::Changes() const { return sqlite3_changes(database_.get()); }

}  // namespace auditflow::store
