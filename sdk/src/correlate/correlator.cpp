#include "auditflow/correlate/correlator.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <unordered_map>
#include <utility>

#include "src/correlate/correlation_plan.hpp"
#include "src/correlate/field_source.hpp"
#include "src/correlate/group_key.hpp"

namespace auditflow::correlate {
namespace {

/// An update and the place in the batch of the event behind it: whichever way updates reach a
/// level, they are applied in the order of the batch.
struct PlacedUpdate {
  std::int64_t place = 0;
  WindowUpdate update;
};

constexpr std::int64_t kBeforeBatch = -1;

/// What an observation has whatever it is fed to.
struct Envelope {
  std::int64_t place = kBeforeBatch;
  Uuid event_id;
  std::uint32_t origin = 0;
  Timestamp time;
  Timestamp arrival;
  std::string_view payload;
};

class SigmaCorrelator final : public Correlator {
 public:
  SigmaCorrelator(std::shared_ptr<const sigma::LinkedRules> rules, CorrelationPlans plans,
                  std::vector<std::unique_ptr<WindowStore>> stores,
                  const CorrelatorOptions& options)
      : rules_(std::move(rules)),
        plans_(std::move(plans)),
        stores_(std::move(stores)),
        options_(options),
        updates_(stores_.size()) {}

  Result<std::vector<CorrelationHit>> Observe(std::span<const Observation> batch) override;
  Result<std::vector<CorrelationHit>> Release(Timestamp now) override;
  void Settle() override;
  [[nodiscard]] CorrelatorStatistics Statistics() const override;

 private:
  using Places = std::unordered_map<Uuid, std::int64_t>;

  void ObserveEvent(const Observation& observation, std::int64_t place);
  void ObserveHit(const CorrelationHit& hit, std::int64_t place);
  void FeedAll(const Envelope& envelope, FieldSource& source);
  void FeedPlan(const CorrelationPlan& plan, std::span<const Feed> feeds, const Envelope& envelope,
                FieldSource& source);
  void AddUpdate(const CorrelationPlan& plan, const Envelope& envelope, FieldSource& source,
                 std::span<const Feed> feeds, std::string group);
  std::optional<std::string> GroupOf(const SlotFields& fields, FieldSource& source);
  bool ReadValue(const CorrelationPlan& plan, const SlotFields& fields, FieldSource& source,
                 WindowUpdate& update);
  std::optional<std::string> DistinctValue(const SlotFields& fields, FieldSource& source) const;

  Result<std::vector<Firing>> ApplyLevel(std::size_t level);
  Status Abandon(Status status, std::vector<CorrelationHit> hits);
  std::vector<CorrelationHit> Resume();
  void Collect(std::size_t level, std::vector<Firing> firings, std::vector<CorrelationHit>& hits);
  CorrelationHit MakeHit(const CorrelationPlan& plan, Firing firing) const;

  std::shared_ptr<const sigma::LinkedRules> rules_;
  CorrelationPlans plans_;
  std::vector<std::unique_ptr<WindowStore>> stores_;  // per level
  CorrelatorOptions options_;
  std::uint64_t missing_group_field_ = 0;
  std::uint64_t missing_value_ = 0;
  std::vector<CorrelationHit> undelivered_;  // of a call that failed after they had fired

  // Scratch, kept for its memory.
  std::vector<std::vector<PlacedUpdate>> updates_;  // per level
  std::vector<Feed> feeds_;
  event::EventParser parser_;
  event::Event payload_event_;
};

Result<std::vector<CorrelationHit>> SigmaCorrelator::Observe(std::span<const Observation> batch) {
  if (stores_.empty()) return std::vector<CorrelationHit>();
  Places places;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const auto place = static_cast<std::int64_t>(i);
    if (stores_.size() > 1) places.emplace(batch[i].event_id, place);
    ObserveEvent(batch[i], place);
  }
  std::vector<CorrelationHit> hits = Resume();
  for (std::size_t level = 0; level < stores_.size(); ++level) {
    auto firings = ApplyLevel(level);
    if (!firings) return Error(Abandon(firings.error(), std::move(hits)));
    const std::size_t before = hits.size();
    Collect(level, *std::move(firings), hits);
    for (std::size_t i = before; i < hits.size(); ++i) {
      const auto place = places.find(hits[i].event_id);
      ObserveHit(hits[i], place == places.end() ? kBeforeBatch : place->second);
    }
  }
  return hits;
}

Result<std::vector<CorrelationHit>> SigmaCorrelator::Release(Timestamp now) {
  std::vector<CorrelationHit> hits = Resume();
  for (std::size_t level = 0; level < stores_.size(); ++level) {
    const std::size_t before = hits.size();
    auto applied = ApplyLevel(level);
    if (!applied) return Error(Abandon(applied.error(), std::move(hits)));
    Collect(level, *std::move(applied), hits);
    auto released = stores_[level]->Release(now);
    if (!released) return Error(Abandon(released.error(), std::move(hits)));
    Collect(level, *std::move(released), hits);
    for (std::size_t i = before; i < hits.size(); ++i) ObserveHit(hits[i], kBeforeBatch);
  }
  return hits;
}

void SigmaCorrelator::Settle() {
  // Hits that are still to be handed out are in this process only.
  if (!undelivered_.empty()) return;
  for (const auto& store : stores_) store->Settle();
}

/// The hits that a failed call could not hand out. Where they have been fed before, they are
/// duplicates.
std::vector<CorrelationHit> SigmaCorrelator::Resume() {
  for (const CorrelationHit& hit : undelivered_) ObserveHit(hit, kBeforeBatch);
  return std::exchange(undelivered_, {});
}

CorrelatorStatistics SigmaCorrelator::Statistics() const {
  CorrelatorStatistics sum;
  sum.missing_group_field = missing_group_field_;
  sum.missing_value = missing_value_;
  for (const auto& store : stores_) sum.windows += store->Statistics();
  return sum;
}

void SigmaCorrelator::ObserveEvent(const Observation& observation, std::int64_t place) {
  feeds_.clear();
  for (const std::uint32_t detection : observation.matches) {
    if (detection >= plans_.detection_feeds.size()) continue;
    const auto& feeds = plans_.detection_feeds[detection];
    feeds_.insert(feeds_.end(), feeds.begin(), feeds.end());
  }
  if (feeds_.empty()) return;
  FieldSource source(observation.event, options_.field_lookup);
  const Timestamp time = options_.use_arrival_time ? observation.arrival : observation.time;
  FeedAll({place, observation.event_id, 0, time, observation.arrival,
           observation.event == nullptr ? std::string_view() : observation.event->raw()},
          source);
}

void SigmaCorrelator::ObserveHit(const CorrelationHit& hit, std::int64_t place) {
  feeds_ = plans_.correlation_feeds[hit.correlation];
  if (feeds_.empty()) return;
  FieldSource source(hit, parser_, payload_event_, options_.field_lookup);
  // Zero stands for the event itself.
  const std::uint32_t origin =
      StableHash(hit.group_key,
                 StableHash(rules_->rules.correlations[hit.correlation].metadata.key())) |
      1U;
  FeedAll({place, hit.event_id, origin, hit.time, hit.arrival, hit.payload}, source);
}

/// Feeds `feeds_`, plan by plan.
void SigmaCorrelator::FeedAll(const Envelope& envelope, FieldSource& source) {
  std::sort(feeds_.begin(), feeds_.end());
  feeds_.erase(std::unique(feeds_.begin(), feeds_.end()), feeds_.end());
  for (auto begin = feeds_.begin(); begin != feeds_.end();) {
    const auto end = std::find_if(begin, feeds_.end(),
                                  [&](const Feed& feed) { return feed.plan != begin->plan; });
    FeedPlan(plans_.plans[begin->plan], {begin, end}, envelope, source);
    begin = end;
  }
}

/// Slots that find the same group in the event share an update; aliases can lead to different ones.
void SigmaCorrelator::FeedPlan(const CorrelationPlan& plan, std::span<const Feed> feeds,
                               const Envelope& envelope, FieldSource& source) {
  if (plan.uniform || feeds.size() == 1) {
    auto group = GroupOf(plan.slots[feeds.front().slot], source);
    if (group) AddUpdate(plan, envelope, source, feeds, *std::move(group));
    return;
  }
  std::map<std::string, std::vector<Feed>> by_group;
  for (const Feed& feed : feeds) {
    auto group = GroupOf(plan.slots[feed.slot], source);
    if (group) by_group[*std::move(group)].push_back(feed);
  }
  for (const auto& [group, same] : by_group) AddUpdate(plan, envelope, source, same, group);
}

void SigmaCorrelator::AddUpdate(const CorrelationPlan& plan, const Envelope& envelope,
                                FieldSource& source, std::span<const Feed> feeds,
                                std::string group) {
  WindowUpdate update;
  if (!ReadValue(plan, plan.slots[feeds.front().slot], source, update)) {
    ++missing_value_;
    return;
  }
  update.spec = plan.spec;
  update.group = std::move(group);
  update.event_id = envelope.event_id;
  update.origin = envelope.origin;
  update.time = envelope.time;
  update.arrival = envelope.arrival;
  update.payload = envelope.payload;
  for (const Feed& feed : feeds) update.slots.push_back(feed.slot);
  updates_[plan.level - 1].push_back({envelope.place, std::move(update)});
}

std::optional<std::string> SigmaCorrelator::GroupOf(const SlotFields& fields, FieldSource& source) {
  GroupKeyBuilder key;
  for (const auto& path : fields.group) {
    auto value = source.Text(path);
    if (!value && options_.missing_group_field == MissingGroupField::kSkip) {
      ++missing_group_field_;
      return std::nullopt;
    }
    key.Append(value);
  }
  return key.Take();
}

bool SigmaCorrelator::ReadValue(const CorrelationPlan& plan, const SlotFields& fields,
                                FieldSource& source, WindowUpdate& update) {
  if (fields.value.empty()) return true;
  if (plan.counts_values) {
    auto value = DistinctValue(fields, source);
    if (!value) return false;
    update.value = *std::move(value);
    return true;
  }
  const auto number = source.Number(fields.value.front());
  if (!number) return false;
  update.value = *number;
  return true;
}

std::optional<std::string> SigmaCorrelator::DistinctValue(const SlotFields& fields,
                                                          FieldSource& source) const {
  if (fields.value.size() == 1) return source.Text(fields.value.front());
  GroupKeyBuilder tuple;
  for (const auto& path : fields.value) {
    const auto value = source.Text(path);
    if (!value) return std::nullopt;
    tuple.Append(value);
  }
  return tuple.Take();
}

Result<std::vector<Firing>> SigmaCorrelator::ApplyLevel(std::size_t level) {
  auto& placed = updates_[level];
  if (placed.empty()) return std::vector<Firing>();
  std::stable_sort(placed.begin(), placed.end(),
                   [](const PlacedUpdate& a, const PlacedUpdate& b) { return a.place < b.place; });
  std::vector<WindowUpdate> updates;
  updates.reserve(placed.size());
  for (PlacedUpdate& one : placed) updates.push_back(std::move(one.update));
  placed.clear();
  return stores_[level]->Apply(updates);
}

/// The caller will observe the batch again, but what has fired will not fire again: it is kept, and
/// fed again to the levels above.
Status SigmaCorrelator::Abandon(Status status, std::vector<CorrelationHit> hits) {
  for (auto& waiting : updates_) waiting.clear();
  undelivered_ = std::move(hits);
  return status;
}

void SigmaCorrelator::Collect(std::size_t level, std::vector<Firing> firings,
                              std::vector<CorrelationHit>& hits) {
  for (Firing& firing : firings) {
    const std::uint32_t plan = plans_.plan_of_spec[level][firing.spec];
    hits.push_back(MakeHit(plans_.plans[plan], std::move(firing)));
  }
}

CorrelationHit SigmaCorrelator::MakeHit(const CorrelationPlan& plan, Firing firing) const {
  const auto& names = rules_->rules.correlations[plan.correlation].group_by;
  CorrelationHit hit;
  hit.correlation = plan.correlation;
  std::vector<std::string> values = DecodeGroupKey(firing.group);
  values.resize(names.size());
  for (std::size_t i = 0; i < names.size(); ++i) {
    hit.group.emplace_back(names[i], std::move(values[i]));
  }
  hit.group_key = std::move(firing.group);
  hit.event_id = firing.event_id;
  hit.time = firing.time;
  hit.arrival = firing.arrival;
  hit.payload = std::move(firing.payload);
  hit.value = firing.value;
  hit.events = firing.events;
  hit.first_time = firing.first_time;
  hit.contributors = std::move(firing.contributors);
  hit.output = plan.correlation >= rules_->correlation_outputs.size() ||
               rules_->correlation_outputs[plan.correlation];
  return hit;
}

}  // namespace

Result<std::unique_ptr<Correlator>> Correlator::Create(
    std::shared_ptr<const sigma::LinkedRules> rules, const StoreFactory& store,
    const CorrelatorOptions& options) {
  auto plans = PlanCorrelations(*rules, options);
  if (!plans) return Error(plans.error());
  std::vector<std::unique_ptr<WindowStore>> stores;
  for (const auto& specs : plans->specs) {
    stores.push_back(store
                         ? store(specs)
                         : NewInMemoryWindowStore(specs, options.allowed_lateness, options.limits));
  }
  return std::make_unique<SigmaCorrelator>(std::move(rules), *std::move(plans), std::move(stores),
                                           options);
}

}  // namespace auditflow::correlate
