#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "src/store/sqlite_connection.hpp"

namespace auditflow::store {

/// A query as SQL with its parameters; values never become part of the SQL.
class SqlQuery {
 public:
  explicit SqlQuery(std::string select) : sql_(std::move(select)) {}

  /// Joined to the others by AND.
  SqlQuery& AddCondition(std::string_view condition);
  /// With one parameter; no condition if the value is empty.
  SqlQuery& AddFilter(std::string_view condition, const std::string& value);
  SqlQuery& Append(std::string_view sql);
  /// The value of the next `?`.
  SqlQuery& AddValue(std::int64_t number);
  SqlQuery& AddValue(std::string text);

  /// Runs it and gives each row to `read_row`, a function of a `const SqliteStatement&` that
  /// returns a status.
  template <class ReadRow>
  Status ForEachRow(SqliteConnection& connection, const ReadRow& read_row) const;

 private:
  /// Borrows the texts: this object must outlive the run.
  void BindTo(SqliteStatement& statement) const;

  std::string sql_;
  std::vector<std::variant<std::int64_t, std::string>> values_;
  bool has_condition_ = false;
};

template <class ReadRow>
Status SqlQuery::ForEachRow(SqliteConnection& connection, const ReadRow& read_row) const {
  Result<SqliteStatement> statement = connection.Prepare(sql_);
  if (!statement) return statement.error();
  BindTo(*statement);
  for (;;) {
    const Result<bool> has_row = statement->Step();
    if (!has_row) return has_row.error();
    if (!*has_row) return {};
    Status status = read_row(*statement);
    if (!status.ok()) return status;
  }
}

}  // namespace auditflow::store
