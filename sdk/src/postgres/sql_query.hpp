#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <pqxx/transaction_base>

#include "auditflow/core/timestamp.hpp"

namespace auditflow::postgres {

/// A query as SQL with its parameters; values never become part of the SQL.
class SqlQuery {
 public:
  explicit SqlQuery(std::string select) : sql_(std::move(select)) {}

  /// @return "$n"
  std::string Parameter(std::string value);
  /// Joined to the others by AND.
  void AddCondition(std::string_view condition);
  /// That a column has this value; no condition if the value is empty.
  void AddFilter(std::string_view column, const std::string& value);
  /// Compares the columns timestamp and timestamp_nanos.
  void AddTime(std::string_view comparison, Timestamp time);
  void Append(std::string_view sql) { sql_ += sql; }

  /// Whether a filter holds what no text of the database can: such a query finds nothing, and as a
  /// parameter it would be cut off at the NUL and find something else.
  [[nodiscard]] bool is_impossible() const { return impossible_; }
  pqxx::result Run(pqxx::transaction_base& transaction) const;

 private:
  std::string sql_;
  std::vector<std::string> values_;
  bool has_condition_ = false;
  bool impossible_ = false;
};

/// ASCII alone, as the collation "C" does it.
std::string LowerAscii(std::string text);

}  // namespace auditflow::postgres
