#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <pqxx/transaction_base>

#include "auditflow/store/alert_store.hpp"

namespace auditflow::postgres {

/// A query as SQL with its parameters; values never become part of the SQL.
class AlertQuery {
 public:
  static AlertQuery List(const store::AlertQuery& query);
  static AlertQuery Count(const store::AlertQuery& query);
  static AlertQuery CountBy(store::AlertFacet facet, const store::AlertQuery& query);

  /// Whether a filter holds what no text of the database can: such a query finds nothing, and as a
  /// parameter it would be cut off at the NUL and find something else.
  [[nodiscard]] bool is_impossible() const { return impossible_; }
  pqxx::result Run(pqxx::transaction_base& transaction) const;

 private:
  explicit AlertQuery(std::string select) : sql_(std::move(select)) {}
  /// @return "$n"
  std::string Parameter(std::string value);
  void AddCondition(std::string_view condition);
  void AddFilter(std::string_view column, const std::string& value);
  void AddTextFilter(const std::string& text);
  void AddTime(std::string_view comparison, Timestamp time);
  void AddFilters(const store::AlertQuery& query);
  void AddCursor(const store::AlertCursor& cursor);

  std::string sql_;
  std::vector<std::string> values_;
  bool has_condition_ = false;
  bool impossible_ = false;
};

}  // namespace auditflow::postgres
