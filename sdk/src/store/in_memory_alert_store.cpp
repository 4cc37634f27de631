#include "auditflow/store/in_memory_alert_store.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <mutex>
#include <tuple>
#include <unordered_map>

#include "auditflow/core/utf8.hpp"

#include "src/store/in_memory_outbox.hpp"

namespace auditflow::store {
namespace {

using Place = std::tuple<Timestamp, Timestamp, Uuid>;

Place PlaceOf(const AlertCursor& cursor) {
  return {cursor.timestamp, cursor.received_at, cursor.alert_id};
}

bool Passes(std::string_view filter, std::string_view value) {
  return filter.empty() || filter == value;
}

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool ContainsText(std::string_view value, std::string_view text) {
  return std::search(value.begin(), value.end(), text.begin(), text.end(),
                     [](char a, char b) { return Lower(a) == Lower(b); }) != value.end();
}

bool MentionsText(const alert::Alert& alert, std::string_view text) {
  if (text.empty()) return true;
  if (!IsValidUtf8(text)) return false;  // no part of a character matches it
  const std::string_view ip = alert.triggered_by.client_ip;
  for (const std::string_view value :
       {std::string_view(alert.alert_name), std::string_view(alert.description),
        std::string_view(alert.analysis_rule.rule_id),
        std::string_view(alert.analysis_rule.rule_name),
        std::string_view(alert.triggered_by.actor_id),
        std::string_view(alert.impacted_resource.resource_id),
        std::string_view(alert.impacted_resource.server_hostname),
        ip == "N/A" ? std::string_view() : ip}) {
    if (ContainsText(value, text)) return true;
  }
  return false;
}

bool Passes(const AlertQuery& query, const alert::Alert& alert) {
  return Passes(query.severity, alert.severity) && Passes(query.alert_type, alert.alert_type) &&
         Passes(query.rule_id, alert.analysis_rule.rule_id) &&
         Passes(query.actor_id, alert.triggered_by.actor_id) &&
         Passes(query.server_hostname, alert.impacted_resource.server_hostname) &&
         (!query.since || alert.timestamp >= *query.since) &&
         (!query.until || alert.timestamp < *query.until) && MentionsText(alert, query.text);
}

bool Passes(const AlertQuery& query, const StoredAlert& stored) {
  return (query.include_deleted || !stored.state.deleted) &&
         (!query.status || stored.state.status == *query.status) && Passes(query, stored.alert);
}

std::string_view ValueOf(AlertFacet facet, const StoredAlert& stored) {
  switch (facet) {
    case AlertFacet::kSeverity:
      return stored.alert.severity;
    case AlertFacet::kAlertType:
      return stored.alert.alert_type;
    case AlertFacet::kRuleId:
      return stored.alert.analysis_rule.rule_id;
    case AlertFacet::kActorId:
      return stored.alert.triggered_by.actor_id;
    case AlertFacet::kServerHostname:
      return stored.alert.impacted_resource.server_hostname;
    case AlertFacet::kStatus:
      return ToString(stored.state.status);
  }
  return {};
}

/// The largest first, equal ones by value.
std::vector<FacetCount> Sorted(const std::map<std::string, std::uint64_t, std::less<>>& counts,
                               std::size_t limit) {
  std::vector<FacetCount> sorted;
  sorted.reserve(counts.size());
  for (const auto& [value, count] : counts) sorted.push_back({value, count});
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const FacetCount& a, const FacetCount& b) { return a.count > b.count; });
  sorted.resize(std::min(sorted.size(), limit));
  return sorted;
}

}  // namespace

struct InMemoryAlertStore::Impl {
  Impl(const InMemoryAlertStoreOptions& store_options, Clock& store_clock)
      : options(store_options),
        clock(store_clock),
        outbox(Validate(store_options.outbox_targets).ok() ? store_options.outbox_targets
                                                           : std::vector<OutboxTarget>(),
               store_clock) {}

  InsertResult InsertOne(const alert::Alert& alert, Timestamp now) {
    Status valid = Validate(alert);
    if (!valid.ok()) return {InsertOutcome::kRejected, valid.message()};
    const Place place(alert.timestamp, now, alert.alert_id);
    if (!places.try_emplace(alert.alert_id, place).second) return {InsertOutcome::kDuplicate, ""};
    StoredAlert& stored = list.emplace(place, StoredAlert{alert, now}).first->second;
    std::string& ip = stored.alert.triggered_by.client_ip;
    if (ip.empty()) ip = "N/A";
    outbox.Add(stored.alert);
    return {InsertOutcome::kInserted, ""};
  }

  Result<StoredAlert> Change(const Uuid& alert_id, std::optional<AlertStatus> status,
                             const ChangeNote& note) {
    const Status valid = Validate(note);
    if (!valid.ok()) return Error(valid);
    const std::lock_guard lock(mutex);
    const auto place = places.find(alert_id);
    if (place == places.end()) return Error(NotFound("there is no such alert"));
    StoredAlert& stored = list.at(place->second);
    Result<AlertState> next = NextState(stored.state, status, note, clock.Now());
    if (!next) return Error(next.error());
    stored.state = *std::move(next);
    histories[alert_id].push_back(stored.state);
    return stored;
  }

  const InMemoryAlertStoreOptions options;
  Clock& clock;
  std::mutex mutex;
  std::map<Place, StoredAlert, std::greater<>> list;  ///< newest first
  std::unordered_map<Uuid, Place> places;
  std::unordered_map<Uuid, std::vector<AlertState>> histories;
  InMemoryOutbox outbox;
};

InMemoryAlertStore::InMemoryAlertStore(const InMemoryAlertStoreOptions& options, Clock& clock)
    : impl_(std::make_unique<Impl>(options, clock)) {}

InMemoryAlertStore::~InMemoryAlertStore() = default;

Outbox& InMemoryAlertStore::outbox() { return impl_->outbox; }

Result<std::vector<InsertResult>> InMemoryAlertStore::Insert(std::span<const alert::Alert> alerts) {
  const std::lock_guard lock(impl_->mutex);
  if (alerts.size() > impl_->options.max_alerts - impl_->list.size()) {
    return Error(ResourceExhausted("the store is full: it holds " +
                                   std::to_string(impl_->list.size()) + " alerts"));
  }
  const Timestamp now = impl_->clock.Now();
  std::vector<InsertResult> results;
  results.reserve(alerts.size());
  for (const alert::Alert& alert : alerts) results.push_back(impl_->InsertOne(alert, now));
  return results;
}

Result<std::vector<StoredAlert>> InMemoryAlertStore::List(const AlertQuery& query) {
  const std::lock_guard lock(impl_->mutex);
  std::vector<StoredAlert> page;
  std::uint32_t skipped = 0;
  auto at = query.after ? impl_->list.upper_bound(PlaceOf(*query.after)) : impl_->list.begin();
  for (; at != impl_->list.end() && page.size() < query.limit; ++at) {
    if (!Passes(query, at->second)) continue;
    if (skipped < query.offset) {
      ++skipped;
    } else {
      page.push_back(at->second);
    }
  }
  return page;
}

Result<std::optional<StoredAlert>> InMemoryAlertStore::Get(const Uuid& alert_id) {
  const std::lock_guard lock(impl_->mutex);
  const auto place = impl_->places.find(alert_id);
  if (place == impl_->places.end()) return std::optional<StoredAlert>();
  const StoredAlert& stored = impl_->list.at(place->second);
  return stored.state.deleted ? std::optional<StoredAlert>() : stored;
}

Result<std::uint64_t> InMemoryAlertStore::Count(const AlertQuery& query) {
  const std::lock_guard lock(impl_->mutex);
  std::uint64_t count = 0;
  for (const auto& [place, stored] : impl_->list) {
    if (Passes(query, stored)) ++count;
  }
  return count;
}

Result<std::vector<FacetCount>> InMemoryAlertStore::CountBy(AlertFacet facet,
                                                            const AlertQuery& query) {
  const std::lock_guard lock(impl_->mutex);
  std::map<std::string, std::uint64_t, std::less<>> counts;
  for (const auto& [place, stored] : impl_->list) {
    if (Passes(query, stored)) ++counts[std::string(ValueOf(facet, stored))];
  }
  return Sorted(counts, query.limit);
}

Result<StoredAlert> InMemoryAlertStore::SetStatus(const Uuid& alert_id, AlertStatus status,
                                                  const ChangeNote& note) {
  return impl_->Change(alert_id, status, note);
}

Result<StoredAlert> InMemoryAlertStore::Delete(const Uuid& alert_id, const ChangeNote& note) {
  return impl_->Change(alert_id, std::nullopt, note);
}

Result<std::vector<AlertState>> InMemoryAlertStore::History(const Uuid& alert_id) {
  const std::lock_guard lock(impl_->mutex);
  const auto history = impl_->histories.find(alert_id);
  return history == impl_->histories.end() ? std::vector<AlertState>() : history->second;
}

Status InMemoryAlertStore::Ping() { return Status(); }

}  // namespace auditflow::store
