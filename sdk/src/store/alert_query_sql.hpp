#pragma once

#include <string>

#include "auditflow/store/alert_store.hpp"

#include "src/store/sql_query.hpp"

namespace auditflow::store {

class AlertQuerySql : public SqlQuery {
 public:
  static AlertQuerySql List(const AlertQuery& query);
  static AlertQuerySql Count(const AlertQuery& query);
  static AlertQuerySql CountBy(AlertFacet facet, const AlertQuery& query);

 private:
  explicit AlertQuerySql(std::string select) : SqlQuery(std::move(select)) {}
  void AddTextFilter(const std::string& text);
  void AddFilters(const AlertQuery& query);
  void AddCursor(const AlertCursor& cursor);
};

}  // namespace auditflow::store
