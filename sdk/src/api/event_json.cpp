#include <algorithm>
#include <charconv>
#include <chrono>
#include <utility>

#include "auditflow/api/events.hpp"
#include "auditflow/event/event.hpp"
#include "auditflow/event/json_writer.hpp"

namespace auditflow::api {
namespace {

void AppendText(std::string_view name, std::string_view text, std::string& out) {
  out.append(",\"").append(name).append("\":");
  if (text.empty()) {
    out += "null";
  } else {
    event::AppendJsonString(text, out);
  }
}

void AppendRaw(const std::string& raw, std::string& out) {
  out += ",\"raw_event_data\":";
  // Stricter than needed, and what the platform itself stores has passed it.
  if (event::EventParser().Parse(raw)) {
    out += raw;
  } else {
    event::AppendJsonString(raw, out);
  }
}

void AppendCounts(const store::EventSeries& series, std::string& out) {
  out.append("\"total\":").append(std::to_string(series.total)).append(",\"counts\":[");
  for (const std::uint64_t count : series.counts) out += std::to_string(count) + ",";
  if (out.back() == ',') out.pop_back();
  out += "]}";
}

void AppendSeries(const store::EventSeries& series, std::string& out) {
  out += "{\"value\":";
  if (series.value.empty()) {
    out += "null,";
  } else {
    event::AppendJsonString(series.value, out);
    out += ',';
  }
  AppendCounts(series, out);
}

}  // namespace

void AppendArchivedEvent(const store::ArchivedEvent& event, std::string& out) {
  out.append("{\"event_id\":\"").append(event.event_id.ToString());
  out.append("\",\"timestamp\":\"").append(event.timestamp.ToString());
  out.append("\",\"has_time\":").append(event.has_time ? "true" : "false");
  out.append(",\"received_at\":\"").append(event.received_at.ToString()).append("\"");
  AppendText("source_service", event.source_service, out);
  AppendText("server_hostname", event.server_hostname, out);
  AppendText("event_type", event.event_type, out);
  AppendText("severity", event.severity, out);
  AppendText("user_id", event.user_id, out);
  AppendText("action_result", event.action_result, out);
  out += ",\"rule_ids\":[";
  for (const std::string& id : event.rule_ids) {
    event::AppendJsonString(id, out);
    out += ',';
  }
  if (out.back() == ',') out.pop_back();
  out += ']';
  AppendRaw(event.raw, out);
  out += '}';
}

std::string StatsJson(const store::StatsQuery& query, const store::EventStats& stats) {
  std::uint64_t total = stats.other.total;
  for (const store::EventSeries& series : stats.series) total += series.total;
  std::string json = "{\"since\":\"" + query.filter.since.value_or(Timestamp()).ToString();
  json.append("\",\"until\":\"").append(query.filter.until.value_or(Timestamp()).ToString());
  json.append("\",\"by\":\"").append(ToString(query.by));
  json.append("\",\"first_bucket\":\"").append(stats.first_bucket.ToString());
  const auto bucket = std::chrono::duration_cast<std::chrono::seconds>(stats.bucket);
  json.append("\",\"bucket_seconds\":").append(std::to_string(bucket.count()));
  json.append(",\"total\":").append(std::to_string(total)).append(",\"series\":[");
  for (const store::EventSeries& series : stats.series) {
    AppendSeries(series, json);
    json += ',';
  }
  if (json.back() == ',') json.pop_back();
  json += "],\"other\":{";
  AppendCounts(stats.other, json);
  return json + "}";
}

std::string EncodeEventCursor(const store::EventCursor& cursor) {
  return std::to_string(cursor.timestamp.unix_nanos()) + "_" + cursor.event_id.ToString();
}

Result<store::EventCursor> DecodeEventCursor(std::string_view text) {
  const Status bad = InvalidArgument("cursor: is none that this service gave");
  std::int64_t nanos = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), nanos);
  const auto rest = text.substr(static_cast<std::size_t>(end - text.data()));
  if (error != std::errc() || !rest.starts_with('_')) return Error(bad);
  const Result<Uuid> id = Uuid::Parse(rest.substr(1));
  if (!id) return Error(bad);
  return store::EventCursor{Timestamp::FromUnixNanos(nanos), *id};
}

}  // namespace auditflow::api
