#include "src/postgres/event_columns.hpp"

#include <pqxx/array>
#include <pqxx/strconv>

#include "src/postgres/text_array.hpp"
#include "src/postgres/times.hpp"

namespace auditflow::postgres {
namespace {

// Columns, by the order of EventSelectList.
enum Column : int {
  kEventId,
  kTimestamp,
  kTimestampNanos,
  kHasTime,
  kReceivedAt,
  kReceivedNanos,
  kSourceService,
  kServerHostname,
  kEventType,
  kSeverity,
  kUserId,
  kActionResult,
  kRaw,
  kRuleIds
};

std::string_view Text(const pqxx::row& row, int column) {
  const pqxx::field field = row[column];
  return {field.c_str(), field.size()};
}

Timestamp Time(const pqxx::row& row, int microseconds, int nanos) {
  return ReadTime(row, microseconds, row[nanos].as<std::int64_t>());
}

std::vector<std::string> ReadTexts(const pqxx::field& field) {
  std::vector<std::string> texts;
  auto parser = field.as_array();
  for (;;) {
    auto [what, text] = parser.get_next();
    if (what == pqxx::array_parser::done) return texts;
    if (what == pqxx::array_parser::string_value) texts.push_back(std::move(text));
  }
}

}  // namespace

const std::string& EventColumnList() {
  static const std::string kList = [] {
    std::string list;
    for (const std::string_view column : kEventColumns) {
      list.append(list.empty() ? "" : ", ").append(column);
    }
    return list;
  }();
  return kList;
}

std::array<std::string, kEventColumns.size()> EventTexts(const store::ArchivedEvent& event) {
  TextArray rule_ids;
  for (const std::string& id : event.rule_ids) rule_ids.Add(id);
  return {event.event_id.ToString(),
          MicrosecondText(event.timestamp),
          std::to_string(NanosBelowMicrosecond(event.timestamp)),
          event.has_time ? "t" : "f",
          MicrosecondText(event.received_at),
          std::to_string(NanosBelowMicrosecond(event.received_at)),
          event.source_service,
          event.server_hostname,
          event.event_type,
          event.severity,
          event.user_id,
          event.action_result,
          rule_ids.Finished(),
          event.raw};
}

const std::string& EventSelectList() {
  static const std::string kList =
      "event_id, " + Microseconds("timestamp") + ", timestamp_nanos, has_time::integer, " +
      Microseconds("received_at") +
      ", received_nanos, source_service, server_hostname, event_type, severity, user_id, "
      "action_result, raw, rule_ids";
  return kList;
}

store::ArchivedEvent ReadEvent(const pqxx::row& row) {
  store::ArchivedEvent event;
  event.event_id = Uuid::Parse(Text(row, kEventId)).value_or(Uuid());
  event.timestamp = Time(row, kTimestamp, kTimestampNanos);
  event.has_time = row[kHasTime].as<int>() != 0;
  event.received_at = Time(row, kReceivedAt, kReceivedNanos);
  event.source_service = Text(row, kSourceService);
  event.server_hostname = Text(row, kServerHostname);
  event.event_type = Text(row, kEventType);
  event.severity = Text(row, kSeverity);
  event.user_id = Text(row, kUserId);
  event.action_result = Text(row, kActionResult);
  event.raw = Text(row, kRaw);
  event.rule_ids = ReadTexts(row[kRuleIds]);
  return event;
}

}  // namespace auditflow::postgres
