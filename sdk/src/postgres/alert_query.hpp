#pragma once

#include <string>
#include <utility>

#include "auditflow/store/alert_store.hpp"

#include "src/postgres/sql_query.hpp"

namespace auditflow::postgres {

class AlertQuery : public SqlQuery {
 public:
  static AlertQuery List(const store::AlertQuery& query);
  static AlertQuery Count(const store::AlertQuery& query);
  static AlertQuery CountBy(store::AlertFacet facet, const store::AlertQuery& query);

 private:
  explicit AlertQuery(std::string select) : SqlQuery(std::move(select)) {}
  void AddTextFilter(const std::string& text);
  void AddFilters(const store::AlertQuery& query);
  void AddCursor(const store::AlertCursor& cursor);
};

}  // namespace auditflow::postgres
