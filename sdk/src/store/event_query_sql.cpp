#include "src/store/event_query_sql.hpp"

#include "auditflow/core/utf8.hpp"

#include "src/store/event_row.hpp"

namespace auditflow::store {
namespace {

constexpr std::string_view kOrder = " ORDER BY timestamp DESC, event_id DESC LIMIT ?";

void AddTime(SqlQuery& sql, std::string_view condition, const std::optional<Timestamp>& time) {
  if (time) sql.AddCondition(condition).AddValue(time->unix_nanos());
}

void AddText(SqlQuery& sql, const std::string& text) {
  if (text.empty()) return;
  if (!IsValidUtf8(text)) {  // no part of a character matches it
    sql.AddCondition("FALSE");
    return;
  }
  sql.AddCondition("instr(lower(raw), lower(?)) > 0").AddValue(text);
}

void AddFilters(SqlQuery& sql, const EventFilter& filter) {
  if (filter.event_id) sql.AddFilter("event_id = ?", filter.event_id->ToString());
  AddTime(sql, "timestamp >= ?", filter.since);
  AddTime(sql, "timestamp < ?", filter.until);
  sql.AddFilter("source_service = ?", filter.source_service)
      .AddFilter("server_hostname = ?", filter.server_hostname)
      .AddFilter("event_type = ?", filter.event_type)
      .AddFilter("severity = ?", filter.severity)
      .AddFilter("user_id = ?", filter.user_id)
      .AddFilter("action_result = ?", filter.action_result);
  // As the index events_matched has it.
  if (filter.matched || !filter.rule_id.empty()) sql.AddCondition("rule_ids <> '[]'");
  sql.AddFilter("EXISTS (SELECT 1 FROM json_each(rule_ids) AS rule WHERE rule.value = ?)",
                filter.rule_id);
  AddText(sql, filter.text);
}

std::string SelectEvents() { return "SELECT " + std::string(kEventColumns) + " FROM events"; }

std::string ValueColumn(EventFacet facet) {
  if (facet == EventFacet::kNone) return "''";
  if (facet == EventFacet::kRuleId) return "counted_rule.value";
  return std::string(ToString(facet));
}

}  // namespace

SqlQuery ListEvents(const EventQuery& query) {
  SqlQuery sql(SelectEvents());
  AddFilters(sql, query.filter);
  if (query.after) {
    sql.AddCondition("(timestamp, event_id) < (?, ?)")
        .AddValue(query.after->timestamp.unix_nanos())
        .AddValue(query.after->event_id.ToString());
  }
  return sql.Append(kOrder).AddValue(std::int64_t{query.limit} + 1);
}

SqlQuery FindEvent(const Uuid& event_id) {
  SqlQuery sql(SelectEvents());
  sql.AddFilter("event_id = ?", event_id.ToString());
  return sql.Append(kOrder).AddValue(1);
}

SqlQuery CountEvents(const StatsQuery& query) {
  SqlQuery sql("WITH counted AS (SELECT " + ValueColumn(query.by) +
               " AS value, (timestamp - ?) / ? AS bucket, count(*) AS number FROM events");
  sql.AddValue(FirstBucket(query).unix_nanos()).AddValue(query.bucket.count());
  if (query.by == EventFacet::kRuleId) sql.Append(", json_each(rule_ids) AS counted_rule");
  AddFilters(sql, query.filter);
  return sql
      .Append(
          " GROUP BY 1, 2), top AS (SELECT value FROM counted GROUP BY value "
          "ORDER BY sum(number) DESC, value LIMIT ?) "
          "SELECT CASE WHEN value IN (SELECT value FROM top) THEN value END AS series, bucket, "
          "sum(number) FROM counted GROUP BY series, bucket")
      .AddValue(std::int64_t{query.limit});
}

}  // namespace auditflow::store
