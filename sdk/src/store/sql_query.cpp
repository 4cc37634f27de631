#include "src/store/sql_query.hpp"

namespace auditflow::store {

SqlQuery& SqlQuery::AddCondition(std::string_view condition) {
  sql_.append(has_condition_ ? " AND " : " WHERE ").append(condition);
  has_condition_ = true;
  return *this;
}

SqlQuery& SqlQuery::AddFilter(std::string_view condition, const std::string& value) {
  return value.empty() ? *this : AddCondition(condition).AddValue(value);
}

SqlQuery& SqlQuery::Append(std::string_view sql) {
  sql_ += sql;
  return *this;
}

SqlQuery& SqlQuery::AddValue(std::int64_t number) {
  values_.emplace_back(number);
  return *this;
}

SqlQuery& SqlQuery::AddValue(std::string text) {
  values_.emplace_back(std::move(text));
  return *this;
}

void SqlQuery::BindTo(SqliteStatement& statement) const {
  int parameter = 1;
  for (const auto& value : values_) {
    if (const auto* number = std::get_if<std::int64_t>(&value)) {
      statement.Bind(parameter++, *number);
    } else {
      statement.Bind(parameter++, std::string_view(std::get<std::string>(value)));
    }
  }
}

}  // namespace auditflow::store
