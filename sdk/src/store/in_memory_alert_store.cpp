#include "auditflow/store/in_memory_alert_store.hpp"

#include <functional>
#include <map>
#include <mutex>
#include <tuple>
#include <unordered_map>

namespace auditflow::store {
namespace {

using Place = std::tuple<Timestamp, Timestamp, Uuid>;

Place PlaceOf(const AlertCursor& cursor) {
  return {cursor.timestamp, cursor.received_at, cursor.alert_id};
}

bool Passes(std::string_view filter, std::string_view value) {
  return filter.empty() || filter == value;
}

bool Passes(const AlertQuery& query, const alert::Alert& alert) {
  return Passes(query.severity, alert.severity) && Passes(query.alert_type, alert.alert_type) &&
         Passes(query.rule_id, alert.analysis_rule.rule_id) &&
         Passes(query.actor_id, alert.triggered_by.actor_id) &&
         Passes(query.server_hostname, alert.impacted_resource.server_hostname) &&
         (!query.since || alert.timestamp >= *query.since) &&
         (!query.until || alert.timestamp < *query.until);
}

}  // namespace

struct InMemoryAlertStore::Impl {
  Impl(const InMemoryAlertStoreOptions& store_options, Clock& store_clock)
      : options(store_options), clock(store_clock) {}

  InsertResult InsertOne(const alert::Alert& alert, Timestamp now) {
    Status valid = Validate(alert);
    if (!valid.ok()) return {InsertOutcome::kRejected, valid.message()};
    const Place place(alert.timestamp, now, alert.alert_id);
    if (!places.try_emplace(alert.alert_id, place).second) return {InsertOutcome::kDuplicate, ""};
    StoredAlert& stored = list.emplace(place, StoredAlert{alert, now}).first->second;
    std::string& ip = stored.alert.triggered_by.client_ip;
    if (ip.empty()) ip = "N/A";
    return {InsertOutcome::kInserted, ""};
  }

  const InMemoryAlertStoreOptions options;
  Clock& clock;
  std::mutex mutex;
  std::map<Place, StoredAlert, std::greater<>> list;  ///< newest first
  std::unordered_map<Uuid, Place> places;
};

InMemoryAlertStore::InMemoryAlertStore(const InMemoryAlertStoreOptions& options, Clock& clock)
    : impl_(std::make_unique<Impl>(options, clock)) {}

InMemoryAlertStore::~InMemoryAlertStore() = default;

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
    if (!Passes(query, at->second.alert)) continue;
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
  return impl_->list.at(place->second);
}

Result<std::uint64_t> InMemoryAlertStore::Count(const AlertQuery& query) {
  const std::lock_guard lock(impl_->mutex);
  std::uint64_t count = 0;
  for (const auto& [place, stored] : impl_->list) {
    if (Passes(query, stored.alert)) ++count;
  }
  return count;
}

Status InMemoryAlertStore::Ping() { return Status(); }

}  // namespace auditflow::store
