#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "auditflow/store/alert_store.hpp"

#include "src/store/sqlite_connection.hpp"

namespace auditflow::store {

/// A query as SQL with its parameters; values never become part of the SQL.
class AlertQuerySql {
 public:
  static AlertQuerySql List(const AlertQuery& query);
  static AlertQuerySql Count(const AlertQuery& query);
  static AlertQuerySql CountBy(AlertFacet facet, const AlertQuery& query);

  [[nodiscard]] const std::string& sql() const { return sql_; }
  /// Borrows the query's texts: this object must outlive the run.
  void BindTo(SqliteStatement& statement) const;

 private:
  explicit AlertQuerySql(std::string select) : sql_(std::move(select)) {}
  void AddCondition(std::string_view condition);
  void AddFilter(std::string_view condition, const std::string& value);
  void AddTextFilter(const std::string& text);
  void AddFilters(const AlertQuery& query);
  void AddCursor(const AlertCursor& cursor);

  std::string sql_;
  std::vector<std::variant<std::int64_t, std::string>> values_;
  bool has_condition_ = false;
};

}  // namespace auditflow::store
