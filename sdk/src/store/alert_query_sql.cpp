#include "src/store/alert_query_sql.hpp"

#include "auditflow/core/utf8.hpp"

#include "src/store/alert_row.hpp"

namespace auditflow::store {
namespace {

std::string ColumnOf(AlertFacet facet) {
  switch (facet) {
    case AlertFacet::kSeverity:
      return "severity";
    case AlertFacet::kAlertType:
      return "alert_type";
    case AlertFacet::kRuleId:
      return "rule_id";
    case AlertFacet::kActorId:
      return "actor_id";
    case AlertFacet::kServerHostname:
      return "server_hostname";
    case AlertFacet::kStatus:
      return "status";
  }
  return "''";
}

}  // namespace

void AlertQuerySql::AddCondition(std::string_view condition) {
  sql_.append(has_condition_ ? " AND " : " WHERE ").append(condition);
  has_condition_ = true;
}

void AlertQuerySql::AddFilter(std::string_view condition, const std::string& value) {
  if (value.empty()) return;
  AddCondition(condition);
  values_.emplace_back(value);
}

void AlertQuerySql::AddTextFilter(const std::string& text) {
  if (text.empty()) return;
  if (!IsValidUtf8(text)) return AddCondition("FALSE");  // no part of a character matches it
  std::string condition;
  for (const std::string_view column :
       {"alert_name", "description", "rule_id", "rule_name", "actor_id", "resource_id",
        "server_hostname", "client_ip"}) {
    condition += condition.empty() ? "(" : " OR ";
    condition.append("instr(lower(").append(column).append("), lower(?)) > 0");
    values_.emplace_back(text);
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
    values_.emplace_back(query.since->unix_nanos());
  }
  if (query.until) {
    AddCondition("timestamp < ?");
    values_.emplace_back(query.until->unix_nanos());
  }
  if (query.status) AddFilter("status = ?", std::string(ToString(*query.status)));
  AddTextFilter(query.text);
}

void AlertQuerySql::AddCursor(const AlertCursor& cursor) {
  AddCondition("(timestamp, received_at, alert_id) < (?, ?, ?)");
  values_.emplace_back(cursor.timestamp.unix_nanos());
  values_.emplace_back(cursor.received_at.unix_nanos());
  values_.emplace_back(cursor.alert_id.ToString());
}

AlertQuerySql AlertQuerySql::List(const AlertQuery& query) {
  AlertQuerySql list("SELECT " + std::string(kAlertColumns) + ", " + std::string(kStateColumns) +
                     " FROM alerts");
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

AlertQuerySql AlertQuerySql::CountBy(AlertFacet facet, const AlertQuery& query) {
  AlertQuerySql count("SELECT coalesce(" + ColumnOf(facet) +
                      ", '') AS value, count(*) FROM alerts");
  count.AddFilters(query);
  count.sql_ += " GROUP BY value ORDER BY count(*) DESC, value LIMIT ?";
  count.values_.emplace_back(std::int64_t{query.limit});
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
