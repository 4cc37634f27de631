#include "src/postgres/alert_query.hpp"

#include "src/postgres/alert_columns.hpp"
#include "src/postgres/alert_rows.hpp"

namespace auditflow::postgres {
void AlertQuery::AddTextFilter(const std::string& text) {
  if (text.empty()) return;
  const std::string parameter = Parameter(LowerAscii(text));
  std::string condition;
  for (const std::string_view column :
       {"alert_name", "description", "rule_id", "rule_name", "actor_id", "resource_id",
        "server_hostname", "host(client_ip)"}) {
    // The collation "C" changes the case of ASCII alone, on every server.
    condition.append(condition.empty() ? "(" : " OR ").append("strpos(lower(").append(column);
    condition.append(" COLLATE \"C\"), ").append(parameter).append(") > 0");
  }
  AddCondition(condition + ")");
}

void AlertQuery::AddFilters(const store::AlertQuery& query) {
  if (!query.include_deleted) AddCondition("NOT deleted");
  AddFilter("severity", query.severity);
  AddFilter("alert_type", query.alert_type);
  AddFilter("rule_id", query.rule_id);
  AddFilter("actor_id", query.actor_id);
  AddFilter("server_hostname", query.server_hostname);
  if (query.since) AddTime(">=", *query.since);
  if (query.until) AddTime("<", *query.until);
  if (query.status) AddFilter("status", std::string(ToString(*query.status)));
  AddTextFilter(query.text);
}

void AlertQuery::AddCursor(const store::AlertCursor& cursor) {
  const auto time = [&](Timestamp t) { return Parameter(MicrosecondText(t)) + "::timestamptz, "; };
  const auto nanos = [&](Timestamp t) {
    return Parameter(std::to_string(NanosBelowMicrosecond(t))) + "::smallint, ";
  };
  std::string place = "(" + time(cursor.timestamp);
  place += nanos(cursor.timestamp);
  place += time(cursor.received_at);
  place += nanos(cursor.received_at);
  place += Parameter(cursor.alert_id.ToString()) + "::uuid)";
  // As the index alerts_newest has it.
  AddCondition(
      "(timestamp, timestamp_nanos, coalesce(received_at, timestamp), received_nanos, alert_id) "
      "< " +
      place);
}

AlertQuery AlertQuery::List(const store::AlertQuery& query) {
  AlertQuery list("SELECT " + AlertSelectList() + " FROM alerts");
  list.AddFilters(query);
  if (query.after) list.AddCursor(*query.after);
  list.Append(
      " ORDER BY timestamp DESC, timestamp_nanos DESC, coalesce(received_at, timestamp) DESC, "
      "received_nanos DESC, alert_id DESC LIMIT " +
      std::to_string(query.limit) + " OFFSET " + std::to_string(query.offset));
  return list;
}

AlertQuery AlertQuery::Count(const store::AlertQuery& query) {
  AlertQuery count("SELECT count(*) FROM alerts");
  count.AddFilters(query);
  return count;
}

AlertQuery AlertQuery::CountBy(store::AlertFacet facet, const store::AlertQuery& query) {
  AlertQuery count("SELECT coalesce(" + std::string(store::ToString(facet)) +
                   ", '') COLLATE \"C\" AS value, count(*) AS number FROM alerts");
  count.AddFilters(query);
  count.Append(" GROUP BY value ORDER BY number DESC, value LIMIT " + std::to_string(query.limit));
  return count;
}

}  // namespace auditflow::postgres
