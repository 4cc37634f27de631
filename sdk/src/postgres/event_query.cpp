#include "src/postgres/event_query.hpp"

#include <chrono>

#include "src/postgres/event_columns.hpp"
#include "src/postgres/times.hpp"

namespace auditflow::postgres {
namespace {

constexpr std::string_view kOrder = "timestamp DESC, timestamp_nanos DESC, event_id DESC";

/// Comparisons of rows choose no partitions: the time's own column has to be compared, too.
void AddTimes(SqlQuery& sql, const store::EventFilter& filter) {
  if (filter.since) {
    sql.AddCondition("timestamp >= " + sql.Parameter(MicrosecondText(*filter.since)) +
                     "::timestamptz");
    sql.AddTime(">=", *filter.since);
  }
  if (filter.until) {
    sql.AddCondition("timestamp <= " + sql.Parameter(MicrosecondText(*filter.until)) +
                     "::timestamptz");
    sql.AddTime("<", *filter.until);
  }
}

void AddRules(SqlQuery& sql, const store::EventFilter& filter) {
  // As the index audit_events_matched has it.
  if (filter.matched || !filter.rule_id.empty()) sql.AddCondition("rule_ids <> '{}'");
  if (filter.rule_id.empty()) return;
  sql.AddCondition("rule_ids @> ARRAY[" + sql.Parameter(filter.rule_id) + "::text]");
}

void AddFilters(SqlQuery& sql, const store::EventFilter& filter) {
  if (filter.event_id) sql.AddFilter("event_id", filter.event_id->ToString());
  AddTimes(sql, filter);
  sql.AddFilter("source_service", filter.source_service);
  sql.AddFilter("server_hostname", filter.server_hostname);
  sql.AddFilter("event_type", filter.event_type);
  sql.AddFilter("severity", filter.severity);
  sql.AddFilter("user_id", filter.user_id);
  sql.AddFilter("action_result", filter.action_result);
  AddRules(sql, filter);
  if (filter.text.empty()) return;
  sql.AddCondition("strpos(lower(raw COLLATE \"C\"), " + sql.Parameter(LowerAscii(filter.text)) +
                   ") > 0");
}

void AddCursor(SqlQuery& sql, const store::EventCursor& cursor) {
  const std::string time = sql.Parameter(MicrosecondText(cursor.timestamp)) + "::timestamptz";
  const std::string nanos =
      sql.Parameter(std::to_string(NanosBelowMicrosecond(cursor.timestamp))) + "::smallint";
  const std::string id = sql.Parameter(cursor.event_id.ToString()) + "::uuid";
  sql.AddCondition("timestamp <= " + time);
  sql.AddCondition("(timestamp, timestamp_nanos, event_id) < (" + time + ", " + nanos + ", " + id +
                   ")");
}

std::string ValueColumn(store::EventFacet facet) {
  if (facet == store::EventFacet::kNone) return "''";
  if (facet == store::EventFacet::kRuleId) return "counted_rule.id";
  return std::string(ToString(facet));
}

}  // namespace

SqlQuery ListEvents(const store::EventQuery& query) {
  const std::string order(kOrder);
  SqlQuery sql("SELECT " + EventSelectList() + " FROM (SELECT *, row_number() OVER (ORDER BY " +
               order + ") AS place, sum(octet_length(raw)) OVER (ORDER BY " + order +
               ") - octet_length(raw) AS bytes_before FROM (SELECT * FROM audit_events");
  AddFilters(sql, query.filter);
  if (query.after) AddCursor(sql, *query.after);
  // The second one tells a page of a single large event whether another page follows.
  sql.Append(" ORDER BY " + order + " LIMIT " + std::to_string(std::uint64_t{query.limit} + 1) +
             ") AS page) AS measured WHERE bytes_before <= " +
             std::to_string(store::kMaxEventPageBytes) + " OR place = 2 ORDER BY " + order);
  return sql;
}

SqlQuery FindEvent(const Uuid& event_id) {
  // OFFSET keeps the search by id apart from the order, which has an index that is no help here.
  SqlQuery sql("SELECT " + EventSelectList() + " FROM (SELECT * FROM audit_events");
  sql.AddFilter("event_id", event_id.ToString());
  sql.Append(" OFFSET 0) AS found ORDER BY " + std::string(kOrder) + " LIMIT 1");
  return sql;
}

SqlQuery CountEvents(const store::StatsQuery& query) {
  using std::chrono::seconds;
  SqlQuery sql("");
  sql.Append("WITH counted AS (SELECT " + ValueColumn(query.by) +
             " COLLATE \"C\" AS value, floor(extract(epoch FROM timestamp - " +
             sql.Parameter(MicrosecondText(FirstBucket(query))) + "::timestamptz) / " +
             std::to_string(std::chrono::duration_cast<seconds>(query.bucket).count()) +
             ")::bigint AS bucket, count(*) AS number FROM audit_events");
  if (query.by == store::EventFacet::kRuleId) {
    sql.Append(" CROSS JOIN LATERAL unnest(rule_ids) AS counted_rule (id)");
  }
  AddFilters(sql, query.filter);
  sql.Append(
      " GROUP BY 1, 2), top AS (SELECT value FROM counted GROUP BY value "
      "ORDER BY sum(number) DESC, value LIMIT " +
      std::to_string(query.limit) +
      ") SELECT CASE WHEN value IN (SELECT value FROM top) THEN value END, bucket, "
      "sum(number)::bigint FROM counted GROUP BY 1, 2");
  return sql;
}

}  // namespace auditflow::postgres
