#include "src/api/event_request.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <limits>
#include <optional>
#include <utility>

#include "src/api/query_parameters.hpp"

namespace auditflow::api {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

/// Without one in the request: the shortest of these of which there are not too many.
constexpr std::array<Duration, 10> kBuckets = {seconds(1),  seconds(10), minutes(1), minutes(5),
                                               minutes(15), hours(1),    hours(6),   hours(24),
                                               hours(168),  hours(8760)};
constexpr std::uint32_t kGoodBucketCount = 100;

Result<std::uint32_t> ReadNumber(const http::Request& request, std::string_view name,
                                 std::uint32_t missing, std::uint32_t max) {
  const std::optional<std::string_view> text = request.Query(name);
  if (!text) return missing;
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  const bool whole = error == std::errc() && end == text->data() + text->size();
  if (whole && value >= 1 && value <= max) return value;
  return Error(InvalidArgument(std::string(name) + ": must be a whole number from 1 to " +
                               std::to_string(max)));
}

Status ReadFlag(const http::Request& request, std::string_view name, bool& out) {
  const std::optional<std::string_view> text = request.Query(name);
  out = text == "true";
  if (!text || out || text == "false") return {};
  return InvalidArgument(std::string(name) + ": is neither true nor false");
}

Status ReadEventId(const http::Request& request, std::optional<Uuid>& out) {
  const std::string_view text = request.Query("event_id").value_or("");
  if (text.empty()) return {};
  const Result<Uuid> id = Uuid::Parse(text);
  if (!id) return InvalidArgument("event_id: is no UUID");
  out = *id;
  return {};
}

Result<store::EventFilter> ReadFilter(const http::Request& request) {
  store::EventFilter filter;
  filter.source_service = FirstOf(request, {"source_service"});
  filter.server_hostname = FirstOf(request, {"server_hostname", "host"});
  filter.event_type = FirstOf(request, {"event_type", "type"});
  filter.severity = FirstOf(request, {"severity"});
  filter.user_id = FirstOf(request, {"user_id", "user"});
  filter.action_result = FirstOf(request, {"action_result", "result"});
  filter.rule_id = FirstOf(request, {"rule_id"});
  filter.text = FirstOf(request, {"q", "text"});
  Status status = ReadEventId(request, filter.event_id);
  if (status.ok()) status = ReadFlag(request, "matched", filter.matched);
  if (status.ok()) status = ReadTime(request, "since", filter.since);
  if (status.ok()) status = ReadTime(request, "until", filter.until);
  if (!status.ok()) return Error(std::move(status));
  return filter;
}

/// The day before `until`, and that before now where nothing is said.
void CompleteRange(store::EventFilter& filter, Timestamp now) {
  if (!filter.until)
    filter.until = filter.since && *filter.since >= now ? *filter.since + hours(24) : now;
  if (!filter.since) filter.since = *filter.until - hours(24);
}

Duration GoodBucket(store::StatsQuery query) {
  for (const Duration bucket : kBuckets) {
    query.bucket = bucket;
    if (BucketCount(query) <= kGoodBucketCount) return bucket;
  }
  return kBuckets.back();
}

/// "90" is seconds.
Status ReadBucket(const http::Request& request, store::StatsQuery& query) {
  const std::optional<std::string_view> text = request.Query("bucket");
  if (!text) {
    query.bucket = GoodBucket(query);
    return {};
  }
  const bool plain =
      !text->empty() && std::ranges::all_of(*text, [](char c) { return c >= '0' && c <= '9'; });
  const Result<Duration> bucket = ParseDuration(std::string(*text) + (plain ? "s" : ""));
  if (!bucket) return bucket.error().WithContext("bucket");
  query.bucket = *bucket;
  return {};
}

Status ReadFacet(const http::Request& request, store::EventFacet& out) {
  const std::optional<std::string_view> text = request.Query("by");
  if (!text) return {};
  const Result<store::EventFacet> facet = store::ParseEventFacet(*text);
  if (!facet) return facet.error().WithContext("by");
  out = *facet;
  return {};
}

}  // namespace

Result<store::EventQuery> ReadEventQuery(const http::Request& request,
                                         const EventsOptions& options) {
  Result<store::EventFilter> filter = ReadFilter(request);
  if (!filter) return Error(filter.error());
  const Result<std::uint32_t> limit =
      ReadNumber(request, "limit", options.default_limit, options.max_limit);
  if (!limit) return Error(limit.error());
  store::EventQuery query{.filter = *std::move(filter), .limit = *limit};
  const std::string_view cursor = request.Query("cursor").value_or("");
  if (cursor.empty()) return query;
  const Result<store::EventCursor> after = DecodeEventCursor(cursor);
  if (!after) return Error(after.error());
  query.after = *after;
  return query;
}

Result<store::StatsQuery> ReadStatsQuery(const http::Request& request, Timestamp now) {
  Result<store::EventFilter> filter = ReadFilter(request);
  if (!filter) return Error(filter.error());
  CompleteRange(*filter, now);
  store::StatsQuery query{.filter = *std::move(filter), .by = store::EventFacet::kEventType};
  const Result<std::uint32_t> limit =
      ReadNumber(request, "limit", query.limit, store::kMaxStatsSeries);
  if (!limit) return Error(limit.error());
  query.limit = *limit;
  Status status = ReadFacet(request, query.by);
  if (status.ok()) status = ReadBucket(request, query);
  if (status.ok()) status = Validate(query);
  if (!status.ok()) return Error(std::move(status));
  return query;
}

}  // namespace auditflow::api
