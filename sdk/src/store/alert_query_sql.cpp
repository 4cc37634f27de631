#include "src/store/alert_query_sql.hpp"

#include "src/store/alert_row.hpp"

namespace auditflow::store {

void AlertQuerySql::AddCondition(std::string_view condition) {
  sql_.append(has_condition_ ? " AND " : " WHERE ").append(condition);
  has_condition_ = true;
}

void AlertQuerySql::AddFilter(std::string_view condition, const std::string& value) {
  if (value.empty()) return;
  AddCondition(condition);
  values_.emplace_back(value);
}

void AlertQuerySql::AddFilters(const AlertQuery& query) {
  AddFilter("severity = ?", query.severity);
  AddFilter("alert_type = ?", query.alert_type);
  AddFilter("rule_id = ?", query.rule_id);
  AddFilter("actor_id = ?", query.actor_id);
  AddFilter("server_hostname = ?", query.server_hostname);
  if (query.since) {
    AddCondition("timestamp >= ?");
    values_.emplace_back(query.since->unix_nanos());
  }
  if (query.until) {
    AddCondition("timestamp < ?");
    values_.emplace_back(query.until->unix_nanos());
  }
}

void AlertQuerySql::AddCursor(const AlertCursor& cursor) {
  AddCondition("(timestamp, received_at, alert_id) < (?, ?, ?)");
  values_.emplace_back(cursor.timestamp.unix_nanos());
  values_.emplace_back(cursor.received_at.unix_nanos());
  values_.emplace_back(cursor.alert_id.ToString());
}

AlertQuerySql AlertQuerySql::List(const AlertQuery& query) {
  AlertQuerySql list("SELECT " + std::string(kAlertColumns) + " FROM alerts");
  list.AddFilters(query);
  if (query.after) list.AddCursor(*query.after);
  list.sql_ += " ORDER BY timestamp DESC, received_at DESC, alert_id DESC LIMIT ? OFFSET ?";
  list.values_.emplace_back(std::int64_t{query.limit});
  list.values_.emplace_back(std::int64_t{query.offset});
  return list;
}

AlertQuerySql AlertQuerySql::Count(const AlertQuery& query) {
  AlertQuerySql count("SELECT count(*) FROM alerts");
  count.AddFilters(query);
  return count;
}

void AlertQuerySql::BindTo(SqliteStatement& statement) const {
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
