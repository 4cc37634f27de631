#include "auditflow/store/in_memory_event_store.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <tuple>
#include <utility>

#include "auditflow/core/utf8.hpp"
#include "auditflow/store/event_answers.hpp"

#include "src/store/waiting_rules.hpp"

namespace auditflow::store {
namespace {

using Place = std::pair<Timestamp, Uuid>;

Place PlaceOf(const EventCursor& cursor) { return {cursor.timestamp, cursor.event_id}; }

bool Passes(std::string_view filter, std::string_view value) {
  return filter.empty() || filter == value;
}

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool ContainsText(std::string_view value, std::string_view text) {
  if (text.empty()) return true;
  if (!IsValidUtf8(text)) return false;  // no part of a character matches it
  return std::search(value.begin(), value.end(), text.begin(), text.end(),
                     [](char a, char b) { return Lower(a) == Lower(b); }) != value.end();
}

bool PassesRules(const EventFilter& filter, const std::vector<std::string>& rule_ids) {
  if (filter.matched && rule_ids.empty()) return false;
  return filter.rule_id.empty() || std::ranges::find(rule_ids, filter.rule_id) != rule_ids.end();
}

bool Passes(const EventFilter& filter, const ArchivedEvent& event) {
  return (!filter.event_id || event.event_id == *filter.event_id) &&
         (!filter.since || event.timestamp >= *filter.since) &&
         (!filter.until || event.timestamp < *filter.until) &&
         Passes(filter.source_service, event.source_service) &&
         Passes(filter.server_hostname, event.server_hostname) &&
         Passes(filter.event_type, event.event_type) && Passes(filter.severity, event.severity) &&
         Passes(filter.user_id, event.user_id) &&
         Passes(filter.action_result, event.action_result) && PassesRules(filter, event.rule_ids) &&
         ContainsText(event.raw, filter.text);
}

}  // namespace

struct InMemoryEventStore::Impl {
  InsertResult InsertOne(const ArchivedEvent& event) {
    Status valid = Validate(event);
    if (!valid.ok()) return {InsertOutcome::kRejected, valid.message()};
    const auto same_id = ids.lower_bound({event.event_id, Timestamp::FromUnixNanos(INT64_MIN)});
    const bool known = same_id != ids.end() && same_id->first == event.event_id;
    if (known && !event.has_time) return {InsertOutcome::kDuplicate, ""};
    const auto [place, is_new] = list.emplace(PlaceOf(CursorOf(event)), event);
    if (!is_new) return {InsertOutcome::kDuplicate, ""};
    waiting.MoveTo(place->second);
    ids.emplace(event.event_id, event.timestamp);
    return {InsertOutcome::kInserted, ""};
  }

  /// The event that a rule is for; null if it is not there.
  ArchivedEvent* Find(const LaterRule& rule) {
    const auto exact = list.find({rule.timestamp, rule.event_id});
    if (exact != list.end()) return &exact->second;
    auto id = ids.lower_bound({rule.event_id, Timestamp::FromUnixNanos(INT64_MIN)});
    for (; id != ids.end() && id->first == rule.event_id; ++id) {
      ArchivedEvent& event = list.at({id->second, id->first});
      if (!event.has_time) return &event;
    }
    return nullptr;
  }

  const InMemoryEventStoreOptions options;
  std::mutex mutex;
  std::map<Place, ArchivedEvent, std::greater<>> list;  ///< newest first
  std::set<std::pair<Uuid, Timestamp>> ids;
  WaitingRules waiting;
};

InMemoryEventStore::InMemoryEventStore(const InMemoryEventStoreOptions& options)
    : impl_(new Impl{.options = options, .mutex = {}, .list = {}, .ids = {}, .waiting = {}}) {}

InMemoryEventStore::~InMemoryEventStore() = default;

Result<std::vector<InsertResult>> InMemoryEventStore::Insert(
    std::span<const ArchivedEvent> events) {
  const std::lock_guard lock(impl_->mutex);
  if (events.size() > impl_->options.max_events - impl_->list.size()) {
    return Error(ResourceExhausted("the archive is full: it holds " +
                                   std::to_string(impl_->list.size()) + " events"));
  }
  std::vector<InsertResult> results;
  results.reserve(events.size());
  for (const ArchivedEvent& event : events) results.push_back(impl_->InsertOne(event));
  return results;
}

Result<std::size_t> InMemoryEventStore::AddRules(std::span<const LaterRule> rules) {
  for (const LaterRule& rule : rules) {
    Status valid = Validate(rule);
    if (!valid.ok()) return Error(std::move(valid));
  }
  const std::lock_guard lock(impl_->mutex);
  std::size_t waiting = 0;
  for (const LaterRule& rule : rules) {
    if (ArchivedEvent* const event = impl_->Find(rule)) {
      AddRule(rule.rule_id, *event);
    } else {
      impl_->waiting.Add(rule);
      ++waiting;
    }
  }
  return waiting;
}

Status InMemoryEventStore::DropBefore(Timestamp time) {
  const std::lock_guard lock(impl_->mutex);
  const Timestamp day = DayOf(time);
  impl_->waiting.DropBefore(day);
  std::erase_if(impl_->list, [&](const auto& entry) {
    if (RetentionDay(entry.second) >= day) return false;
    impl_->ids.erase({entry.second.event_id, entry.second.timestamp});
    return true;
  });
  return {};
}

Result<EventPage> InMemoryEventStore::List(const EventQuery& query) {
  const std::lock_guard lock(impl_->mutex);
  PageBuilder page(query.limit);
  auto at = query.after ? impl_->list.upper_bound(PlaceOf(*query.after)) : impl_->list.begin();
  for (; at != impl_->list.end() && !page.is_complete(); ++at) {
    if (Passes(query.filter, at->second)) page.Add(at->second);
  }
  return page.Finish();
}

Result<std::optional<ArchivedEvent>> InMemoryEventStore::Get(const Uuid& event_id) {
  const std::lock_guard lock(impl_->mutex);
  const auto behind = impl_->ids.upper_bound({event_id, Timestamp::FromUnixNanos(INT64_MAX)});
  if (behind == impl_->ids.begin()) return std::optional<ArchivedEvent>();
  const auto& [id, timestamp] = *std::prev(behind);
  if (id != event_id) return std::optional<ArchivedEvent>();
  return impl_->list.at({timestamp, event_id});
}

Result<EventStats> InMemoryEventStore::Stats(const StatsQuery& query) {
  Status valid = Validate(query);
  if (!valid.ok()) return Error(std::move(valid));
  const std::lock_guard lock(impl_->mutex);
  StatsBuilder stats(query);
  const Timestamp first = FirstBucket(query);
  for (const auto& [place, event] : impl_->list) {
    if (!Passes(query.filter, event)) continue;
    const std::int64_t bucket = (event.timestamp - first) / query.bucket;
    if (query.by == EventFacet::kRuleId) {
      for (const std::string& rule_id : event.rule_ids) stats.Add(rule_id, bucket, 1);
    } else {
      stats.Add(ValueOf(query.by, event), bucket, 1);
    }
  }
  return stats.Finish();
}

Status InMemoryEventStore::Ping() { return {}; }

}  // namespace auditflow::store
