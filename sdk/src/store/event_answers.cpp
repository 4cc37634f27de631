#include "auditflow/store/event_answers.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace auditflow::store {
namespace {

constexpr std::int64_t kNanosPerSecond = 1'000'000'000;

constexpr std::array<std::pair<EventFacet, std::string_view>, 8> kFacets = {
    {{EventFacet::kNone, "none"},
     {EventFacet::kEventType, "event_type"},
     {EventFacet::kActionResult, "action_result"},
     {EventFacet::kServerHostname, "server_hostname"},
     {EventFacet::kSeverity, "severity"},
     {EventFacet::kUserId, "user_id"},
     {EventFacet::kSourceService, "source_service"},
     {EventFacet::kRuleId, "rule_id"}}};

/// Rounds down, before 1970 too. The first instants of the range have no multiple below them; they
/// keep their own.
Timestamp RoundDown(Timestamp time, Duration step) {
  std::int64_t rest = time.unix_nanos() % step.count();
  if (rest < 0) rest += step.count();
  return time - Duration(rest);
}

Status CheckRange(const StatsQuery& query) {
  if (!query.filter.since) return InvalidArgument("since: is missing");
  if (!query.filter.until) return InvalidArgument("until: is missing");
  if (*query.filter.until <= *query.filter.since) {
    return InvalidArgument("until: is not after since");
  }
  return {};
}

}  // namespace

std::string_view ToString(EventFacet facet) {
  for (const auto& [known, name] : kFacets) {
    if (known == facet) return name;
  }
  return "none";
}

Result<EventFacet> ParseEventFacet(std::string_view text) {
  for (const auto& [facet, name] : kFacets) {
    if (name == text) return facet;
  }
  std::string names;
  for (const auto& [facet, name] : kFacets) names.append(names.empty() ? "" : ", ").append(name);
  return Error(InvalidArgument("is none of " + names));
}

Timestamp FirstBucket(const StatsQuery& query) {
  return RoundDown(query.filter.since.value_or(Timestamp()), query.bucket);
}

std::uint32_t BucketCount(const StatsQuery& query) {
  const Duration range = query.filter.until.value_or(Timestamp()) - FirstBucket(query);
  const std::int64_t whole = range / query.bucket;
  const std::int64_t count = whole + (range % query.bucket == Duration(0) ? 0 : 1);
  return static_cast<std::uint32_t>(std::min<std::int64_t>(count, kMaxStatsBuckets + 1));
}

Status Validate(const StatsQuery& query) {
  Status status = CheckRange(query);
  if (!status.ok()) return status;
  if (query.bucket.count() <= 0 || query.bucket.count() % kNanosPerSecond != 0) {
    return InvalidArgument("bucket: must be one or more whole seconds");
  }
  if (BucketCount(query) > kMaxStatsBuckets) {
    return InvalidArgument("bucket: is too short: the time range has more than " +
                           std::to_string(kMaxStatsBuckets) + " of them");
  }
  if (query.limit == 0 || query.limit > kMaxStatsSeries) {
    return InvalidArgument("limit: must be from 1 to " + std::to_string(kMaxStatsSeries));
  }
  return {};
}

std::string_view ValueOf(EventFacet facet, const ArchivedEvent& event) {
  switch (facet) {
    case EventFacet::kEventType:
      return event.event_type;
    case EventFacet::kActionResult:
      return event.action_result;
    case EventFacet::kServerHostname:
      return event.server_hostname;
    case EventFacet::kSeverity:
      return event.severity;
    case EventFacet::kUserId:
      return event.user_id;
    case EventFacet::kSourceService:
      return event.source_service;
    case EventFacet::kNone:
    case EventFacet::kRuleId:
      break;
  }
  return {};
}

StatsBuilder::StatsBuilder(const StatsQuery& query)
    : limit_(query.limit), buckets_(BucketCount(query)) {
  stats_.first_bucket = FirstBucket(query);
  stats_.bucket = query.bucket;
  stats_.other.counts.resize(buckets_);
}

void StatsBuilder::Count(EventSeries& series, std::int64_t bucket, std::uint64_t count) {
  series.total += count;
  const auto last = static_cast<std::int64_t>(series.counts.size()) - 1;
  series.counts[static_cast<std::size_t>(std::clamp<std::int64_t>(bucket, 0, last))] += count;
}

void StatsBuilder::Add(std::string_view value, std::int64_t bucket, std::uint64_t count) {
  auto found = series_.find(value);
  if (found == series_.end()) {
    found = series_.emplace(value, EventSeries{std::string(value), 0, {}}).first;
    found->second.counts.resize(buckets_);
  }
  Count(found->second, bucket, count);
}

void StatsBuilder::AddOther(std::int64_t bucket, std::uint64_t count) {
  Count(stats_.other, bucket, count);
}

EventStats StatsBuilder::Finish() {
  for (auto& [value, series] : series_) stats_.series.push_back(std::move(series));
  std::ranges::stable_sort(stats_.series, std::ranges::greater(), &EventSeries::total);
  while (stats_.series.size() > limit_) {
    const EventSeries& rest = stats_.series.back();
    stats_.other.total += rest.total;
    for (std::uint32_t i = 0; i < buckets_; ++i) stats_.other.counts[i] += rest.counts[i];
    stats_.series.pop_back();
  }
  return std::move(stats_);
}

}  // namespace auditflow::store
