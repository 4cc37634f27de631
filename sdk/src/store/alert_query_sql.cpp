#include "src/store/alert_query_sql.hpp"

#include "auditflow/core/utf8.hpp"

#include "src/store/alert_row.hpp"

namespace auditflow::store {
void AlertQuerySql::AddTextFilter(const std::string& text) {
  if (text.empty()) return;
  if (!IsValidUtf8(text)) {  // no part of a character matches it
    AddCondition("FALSE");
    return;
  }
  std::string condition;
  for (const std::string_view column :
       {"alert_name", "description", "rule_id", "rule_name", "actor_id", "resource_id",
        "server_hostname", "client_ip"}) {
    condition += condition.empty() ? "(" : " OR ";
    condition.append("instr(lower(").append(column).append("), lower(?)) > 0");
    AddValue(text);
  }
  AddCondition(condition + ")");
}

void AlertQuerySql::AddFilters(const AlertQuery& query) {
  if (!query.include_deleted) AddCondition("deleted = 0");
  AddFilter("severity = ?", query.severity);
  AddFilter("alert_type = ?", query.alert_type);
  AddFilter("rule_id = ?", query.rule_id);
  AddFilter("actor_id = ?", query.actor_id);
  AddFilter("server_hostname = ?", query.server_hostname);
  if (query.since) {
    AddCondition("timestamp >= ?");
    AddValue(query.since->unix_nanos());
  }
  if (query.until) {
    AddCondition("timestamp < ?");
    AddValue(query.until->unix_nanos());
  }
  if (query.status) AddFilter("status = ?", std::string(ToString(*query.status)));
  AddTextFilter(query.text);
}

void AlertQuerySql::AddCursor(const AlertCursor& cursor) {
  AddCondition("(timestamp, received_at, alert_id) < (?, ?, ?)");
  AddValue(cursor.timestamp.unix_nanos());
  AddValue(cursor.received_at.unix_nanos());
  AddValue(cursor.alert_id.ToString());
}

AlertQuerySql AlertQuerySql::List(const AlertQuery& query) {
  AlertQuerySql list("SELECT " + std::string(kAlertColumns) + ", " + std::string(kStateColumns) +
                     " FROM alerts");
  list.AddFilters(query);
  if (query.after) list.AddCursor(*query.after);
  list.Append(" ORDER BY timestamp DESC, received_at DESC, alert_id DESC LIMIT ? OFFSET ?");
  list.AddValue(std::int64_t{query.limit});
  list.AddValue(std::int64_t{query.offset});
  return list;
}

AlertQuerySql AlertQuerySql::Count(const AlertQuery& query) {
  AlertQuerySql count("SELECT count(*) FROM alerts");
  count.AddFilters(query);
  return count;
}

AlertQuerySql AlertQuerySql::CountBy(AlertFacet facet, const AlertQuery& query) {
  AlertQuerySql count("SELECT coalesce(" + std::string(ToString(facet)) +
                      ", '') AS value, count(*) FROM alerts");
  count.AddFilters(query);
  count.Append(" GROUP BY value ORDER BY count(*) DESC, value LIMIT ?");
  count.AddValue(std::int64_t{query.limit});
  return count;
}

}  // namespace auditflow::store
