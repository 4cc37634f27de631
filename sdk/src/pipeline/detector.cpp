#include "auditflow/pipeline/detector.hpp"

#include <algorithm>
#include <limits>
#include <unordered_map>
#include <utility>

#include "auditflow/correlate/window_store.hpp"
#include "auditflow/match/code_runner.hpp"
#include "auditflow/match/matcher.hpp"

#include "src/pipeline/code_failures.hpp"
#include "src/pipeline/rule_timer.hpp"

namespace auditflow::pipeline {
namespace {

using Stores = std::vector<const correlate::WindowStore*>;

/// Makes the store of one level after the other, each going on with the old one of its level.
/// `made` are the correlator's.
correlate::Correlator::StoreFactory InMemoryWindows(const DetectorOptions& options,
                                                    const Stores& old, Stores& made) {
  return [&options, &old, &made](std::vector<correlate::WindowSpec> specs) {
    const correlate::WindowStore* previous = made.size() < old.size() ? old[made.size()] : nullptr;
    auto store = correlate::NewInMemoryWindowStore(std::move(specs), options.allowed_lateness,
                                                   options.correlation.limits, previous);
    made.push_back(store.get());
    return store;
  };
}

/// What `before` counted and its successor `after` does not know of. Levels are not totals.
correlate::CorrelatorStatistics Forgotten(const correlate::CorrelatorStatistics& before,
                                          const correlate::CorrelatorStatistics& after) {
  const auto rest = [](std::uint64_t then, std::uint64_t now) {
    return then - std::min(then, now);
  };
  const correlate::WindowStatistics& old = before.windows;
  const correlate::WindowStatistics& kept = after.windows;
  correlate::CorrelatorStatistics forgotten;
  forgotten.missing_group_field = rest(before.missing_group_field, after.missing_group_field);
  forgotten.missing_value = rest(before.missing_value, after.missing_value);
  forgotten.windows.applied = rest(old.applied, kept.applied);
  forgotten.windows.duplicates = rest(old.duplicates, kept.duplicates);
  forgotten.windows.late = rest(old.late, kept.late);
  forgotten.windows.future = rest(old.future, kept.future);
  forgotten.windows.dropped_groups = rest(old.dropped_groups, kept.dropped_groups);
  forgotten.windows.dropped_events = rest(old.dropped_events, kept.dropped_events);
  return forgotten;
}

correlate::CorrelatorStatistics Sum(correlate::CorrelatorStatistics sum,
                                    const correlate::CorrelatorStatistics& other) {
  sum.windows += other.windows;
  sum.missing_group_field += other.missing_group_field;
  sum.missing_value += other.missing_value;
  return sum;
}

}  // namespace

struct Detector::Impl {
  Impl(std::shared_ptr<const RulePackage> package, const DetectorOptions& detector_options,
       const Clock& detector_clock)
      : rules(std::move(package)),
        options(detector_options),
        clock(detector_clock),
        matcher(rules->rule_set),
        code(NewCodeRunner(rules)),
        code_failures(options.code_failure_log_interval, clock),
        activity(std::make_shared<RuleActivity>(*rules)),
        timer(*rules, options.rule_timing_share, clock) {}

  match::CodeRunner NewCodeRunner(const std::shared_ptr<const RulePackage>& package) {
    return match::CodeRunner(package->rules, [this](match::RuleIndex rule, std::string_view why) {
      code_failures.Add(rules->detection_alerts[rule].rule_id, why);
    });
  }

  /// A correlator for `package` that goes on with the windows of the present one, if there is one.
  Result<std::unique_ptr<correlate::Correlator>> NewCorrelator(const RulePackage& package,
                                                               Stores& made) {
    const auto factory =
        options.window_store ? options.window_store : InMemoryWindows(options, stores, made);
    correlate::CorrelatorOptions with_lookup = options.correlation;
    if (package.compile.logsource_map && package.compile.map_fields)
      with_lookup.field_lookup = [this](const event::Event& event, std::string_view field) {
        return matcher.MappedValue(event, field);
      };
    return correlate::Correlator::Create(package.rules, factory, with_lookup);
  }

  Status Replace(std::shared_ptr<const RulePackage> package) {
    if (owes_alerts) return Unavailable("the last call failed; its alerts are still to come");
    Stores made;
    auto next = NewCorrelator(*package, made);
    if (!next) return next.error();
    forgotten = Sum(forgotten, Forgotten(correlator->Statistics(), (*next)->Statistics()));
    matcher = match::Matcher(package->rule_set);
    code = NewCodeRunner(package);
    correlator = std::move(*next);
    stores = std::move(made);
    rules = std::move(package);
    activity->UseRules(*rules);
    timer.UseRules(*rules);
    return {};
  }

  /// Matches one event; its rules go to the end of `matched`.
  void Match(const event::Event& event) {
    const auto matches = code.Run(event, matcher.Match(event));
    match_count += matches.size();
    matched.insert(matched.end(), matches.begin(), matches.end());
  }

  [[nodiscard]] DetectedAlert Make(const alert::AlertTemplate& rule,
                                   const alert::Trigger& trigger) const {
    return {alert::MakeAlert(rule, trigger, options.environment, clock.Now()), &rule, trigger.time};
  }

  void AlertOnMatches(const DetectorInput& input, std::span<const match::RuleIndex> matches,
                      Timestamp time, std::vector<DetectedAlert>& alerts) const {
    alert::Trigger trigger;
    trigger.event = input.event;
    trigger.event_id = input.identity.id;
    trigger.time = time;
    for (const match::RuleIndex rule : matches) {
      if (!rules->rules->detection_outputs[rule]) continue;
      alerts.push_back(Make(rules->detection_alerts[rule], trigger));
    }
  }

  /// Where correlations are noted by their trigger.
  class MatchNotes {
   public:
    MatchNotes(RuleMatches* notes, std::span<const DetectorInput> batch) : notes_(notes) {
      if (notes_ == nullptr) return;
      notes_->of_events.assign(batch.size(), {});
      notes_->of_earlier.clear();
      for (std::size_t i = 0; i < batch.size(); ++i) places_.emplace(batch[i].identity.id, i);
    }

    void AddMatches(std::size_t place, std::span<const match::RuleIndex> matches,
                    const RulePackage& package) {
      if (notes_ == nullptr) return;
      for (const match::RuleIndex rule : matches) {
        notes_->of_events[place].push_back(package.detection_alerts[rule].rule_id);
      }
    }

    void AddHit(const correlate::CorrelationHit& hit, const RulePackage& package) {
      if (notes_ == nullptr) return;
      const std::string_view rule_id = package.correlation_alerts[hit.correlation].rule_id;
      const auto place = places_.find(hit.event_id);
      if (place == places_.end()) {
        notes_->of_earlier.push_back({hit.event_id, hit.time, rule_id});
        return;
      }
      auto& rules = notes_->of_events[place->second];
      if (std::find(rules.begin(), rules.end(), rule_id) == rules.end()) rules.push_back(rule_id);
    }

   private:
    RuleMatches* notes_;
    std::unordered_map<Uuid, std::size_t> places_;
  };

  /// A hit comes with its trigger's bytes, for the event itself may be long gone.
  Status AlertOnHits(std::vector<correlate::CorrelationHit> hits, MatchNotes& notes,
                     std::vector<DetectedAlert>& alerts) {
    for (correlate::CorrelationHit& hit : hits) {
      activity->CountHit(hit.correlation);
      notes.AddHit(hit, *rules);
      if (!hit.output) continue;
      if (Status status = parser.ParseInto(hit.payload, payload); !status.ok()) return status;
      alert::Trigger trigger;
      trigger.event = &payload;
      trigger.event_id = hit.event_id;
      trigger.group = std::move(hit.group);
      trigger.group_key = std::move(hit.group_key);
      trigger.value = hit.value;
      trigger.contributors = std::move(hit.contributors);
      trigger.time = hit.time;
      alerts.push_back(Make(rules->correlation_alerts[hit.correlation], trigger));
    }
    return {};
  }

  Result<std::vector<DetectedAlert>> Release(Timestamp now, RuleMatches* matches) {
    MatchNotes notes(matches, {});
    Result<std::vector<correlate::CorrelationHit>> hits = correlator->Release(now);
    owes_alerts = !hits;
    if (!hits) return Error(hits.error());
    std::vector<DetectedAlert> alerts;
    if (Status status = AlertOnHits(std::move(*hits), notes, alerts); !status.ok()) {
      return Error(status);
    }
    return alerts;
  }

  std::shared_ptr<const RulePackage> rules;
  DetectorOptions options;
  const Clock& clock;
  match::Matcher matcher;
  match::CodeRunner code;
  CodeFailures code_failures;
  std::unique_ptr<correlate::Correlator> correlator;
  Stores stores;                              // of `correlator`, by level, if they are in memory
  correlate::CorrelatorStatistics forgotten;  // totals of rules that were replaced
  std::shared_ptr<RuleActivity> activity;
  RuleTimer timer;
  Duration correlating{0};
  bool owes_alerts = false;  // the last call failed
  std::uint64_t match_count = 0;
  std::vector<match::RuleIndex> matched;  ///< of the batch at hand, event after event
  event::EventParser parser{{.max_bytes = std::numeric_limits<std::uint32_t>::max()}};
  event::Event payload;
};

Detector::Detector(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Detector::~Detector() = default;

Result<std::unique_ptr<Detector>> Detector::Create(std::shared_ptr<const RulePackage> rules,
                                                   const DetectorOptions& options,
                                                   const Clock& clock) {
  auto impl = std::make_unique<Impl>(std::move(rules), options, clock);
  Stores stores;
  auto correlator = impl->NewCorrelator(*impl->rules, stores);
  if (!correlator) return Error(correlator.error());
  impl->correlator = std::move(*correlator);
  impl->stores = std::move(stores);
  return std::unique_ptr<Detector>(new Detector(std::move(impl)));
}

Status Detector::Replace(std::shared_ptr<const RulePackage> rules) {
  return impl_->Replace(std::move(rules));
}

Result<std::vector<DetectedAlert>> Detector::Detect(std::span<const DetectorInput> batch,
                                                    RuleMatches* matches_out) {
  Impl& impl = *impl_;
  impl.matched.clear();
  std::vector<std::size_t> begins;
  for (const DetectorInput& input : batch) {
    begins.push_back(impl.matched.size());
    impl.Match(*input.event);
  }
  begins.push_back(impl.matched.size());

  const Timestamp arrival = impl.clock.Now();
  Impl::MatchNotes notes(matches_out, batch);
  std::vector<DetectedAlert> alerts;
  std::vector<correlate::Observation> observations;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const std::span<const match::RuleIndex> matches(impl.matched.data() + begins[i],
                                                    begins[i + 1] - begins[i]);
    if (matches.empty()) continue;
    const Timestamp time = batch[i].identity.time.value_or(arrival);
    notes.AddMatches(i, matches, *impl.rules);
    impl.AlertOnMatches(batch[i], matches, time, alerts);
    observations.push_back({batch[i].event, batch[i].identity.id, time, arrival, matches});
  }
  const Duration before = impl.clock.Monotonic();
  Result<std::vector<correlate::CorrelationHit>> hits = impl.correlator->Observe(observations);
  impl.correlating += impl.clock.Monotonic() - before;
  impl.owes_alerts = !hits;
  if (!hits) return Error(hits.error());
  impl.activity->CountMatches(impl.matched);
  if (Status status = impl.AlertOnHits(std::move(*hits), notes, alerts); !status.ok()) {
    return Error(status);
  }
  impl.timer.Sample(batch, *impl.activity);
  return alerts;
}

Result<std::vector<DetectedAlert>> Detector::Release(Timestamp now, RuleMatches* matches) {
  return impl_->Release(now, matches);
}
void Detector::Settle() { impl_->correlator->Settle(); }
Result<std::vector<DetectedAlert>> Detector::Flush(RuleMatches* matches) {
  return impl_->Release(correlate::kEndOfInput, matches);
}

std::uint64_t Detector::match_count() const { return impl_->match_count; }
std::shared_ptr<const RuleActivity> Detector::activity() const { return impl_->activity; }
correlate::CorrelatorStatistics Detector::Statistics() const {
  return Sum(impl_->correlator->Statistics(), impl_->forgotten);
}
const std::map<std::string, std::uint64_t>& Detector::CodeFailureCounts() const {
  return impl_->code_failures.counts();
}
Duration Detector::correlating() const { return impl_->correlating; }
const RulePackage& Detector::rules() const { return *impl_->rules; }

}  // namespace auditflow::pipeline
