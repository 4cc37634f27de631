#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "auditflow/core/result.hpp"
#include "auditflow/core/timestamp.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace auditflow::store {

/// A prepared statement; parameters and columns are numbered as SQLite does: from 1 and from 0.
///
/// Thread safety: thread-compatible, together with its connection. Must not outlive it.
class SqliteStatement {
 public:
  SqliteStatement() = default;
  explicit SqliteStatement(sqlite3_stmt* statement) : statement_(statement) {}

  /// The text is borrowed until the next `Reset`.
  void Bind(int parameter, std::string_view text);
  void Bind(int parameter, std::int64_t number);
  /// @return whether there is a row.
  Result<bool> Step();
  /// Ends a run, forgets the parameters.
  void Reset();

  [[nodiscard]] std::string_view Text(int column) const;
  [[nodiscard]] std::int64_t Integer(int column) const;
  [[nodiscard]] bool IsNull(int column) const;

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  /// The first failure of a `Bind`, which `Step` reports.
  int bind_code_ = 0;
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

/// A connection to one database file.
///
/// Thread safety: thread-compatible.
class SqliteConnection {
 public:
  SqliteConnection() = default;
  static Result<SqliteConnection> Open(const std::filesystem::path& path, Duration busy_timeout);

  /// Runs one or more statements and drops their rows.
  Status Execute(const std::string& sql);
  Result<SqliteStatement> Prepare(std::string_view sql);
  /// The first column of the only row of a query that has one.
  Result<std::int64_t> QueryInteger(std::string_view sql);
  Result<std::string> QueryText(std::string_view sql);
  /// Rows changed by the last statement.
  [[nodiscard]] int Changes() const;

 private:
  struct Close {
    void operator()(sqlite3* database) const;
  };
  explicit SqliteConnection(sqlite3* database) : database_(database) {}
  [[nodiscard]] Status StatusOf(int code) const;

  std::unique_ptr<sqlite3, Close> database_;
};

}  // namespace auditflow::store
