#include "src/store/event_row.hpp"

#include "auditflow/event/event.hpp"
#include "auditflow/event/json_writer.hpp"
#include "auditflow/store/event_store.hpp"

namespace auditflow::store {
namespace {

// Columns, by the order of kEventColumns.
enum Column : int {
  kEventId,
  kTimestamp,
  kHasTime,
  kReceivedAt,
  kSourceService,
  kServerHostname,
  kEventType,
  kSeverity,
  kUserId,
  kActionResult,
  kRuleIds,
  kRaw,
  kAheadDay
};
static_assert(kAheadDay == kEventColumnCount);

void AppendArray(const std::vector<std::string>& texts, std::string& json) {
  json += '[';
  for (const std::string& text : texts) {
    if (json.size() > 1) json += ',';
    event::AppendJsonString(text, json);
  }
  json += ']';
}

Result<std::vector<std::string>> ReadArray(std::string_view json) {
  std::vector<std::string> texts;
  if (json == "[]") return texts;
  const Result<event::Event> document =
      event::EventParser().Parse("{\"a\":" + std::string(json) + "}");
  if (!document) return Error(DataLoss("rule_ids: " + document.error().message()));
  event::ForEachAt(*document, "a", [&](event::Value value) {
    if (value.is_string()) texts.emplace_back(value.string_value());
  });
  return texts;
}

}  // namespace

void EventRow::Bind(const ArchivedEvent& event, SqliteStatement& statement) {
  event_id_ = event.event_id.ToString();
  rule_ids_.clear();
  AppendArray(event.rule_ids, rule_ids_);
  statement.Bind(kEventId + 1, std::string_view(event_id_));
  statement.Bind(kTimestamp + 1, event.timestamp.unix_nanos());
  statement.Bind(kHasTime + 1, std::int64_t{event.has_time});
  statement.Bind(kReceivedAt + 1, event.received_at.unix_nanos());
  statement.Bind(kSourceService + 1, std::string_view(event.source_service));
  statement.Bind(kServerHostname + 1, std::string_view(event.server_hostname));
  statement.Bind(kEventType + 1, std::string_view(event.event_type));
  statement.Bind(kSeverity + 1, std::string_view(event.severity));
  statement.Bind(kUserId + 1, std::string_view(event.user_id));
  statement.Bind(kActionResult + 1, std::string_view(event.action_result));
  statement.Bind(kRuleIds + 1, std::string_view(rule_ids_));
  statement.Bind(kRaw + 1, std::string_view(event.raw));
  const Timestamp day = RetentionDay(event);
  // A parameter that is not bound is NULL.
  if (day != DayOf(event.timestamp)) statement.Bind(kAheadDay + 1, day.unix_nanos());
}

Result<ArchivedEvent> ReadEventRow(const SqliteStatement& row) {
  const Result<Uuid> id = Uuid::Parse(row.Text(kEventId));
  if (!id) return Error(DataLoss("event_id: " + id.error().message()));
  Result<std::vector<std::string>> rule_ids = ReadArray(row.Text(kRuleIds));
  if (!rule_ids) return Error(rule_ids.error());
  ArchivedEvent event;
  event.event_id = *id;
  event.timestamp = Timestamp::FromUnixNanos(row.Integer(kTimestamp));
  event.has_time = row.Integer(kHasTime) != 0;
  event.received_at = Timestamp::FromUnixNanos(row.Integer(kReceivedAt));
  event.source_service = row.Text(kSourceService);
  event.server_hostname = row.Text(kServerHostname);
  event.event_type = row.Text(kEventType);
  event.severity = row.Text(kSeverity);
  event.user_id = row.Text(kUserId);
  event.action_result = row.Text(kActionResult);
  event.rule_ids = *std::move(rule_ids);
  event.raw = row.Text(kRaw);
  return event;
}

}  // namespace auditflow::store
