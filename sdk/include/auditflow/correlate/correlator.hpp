#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "auditflow/core/result.hpp"
#include "auditflow/correlate/field_lookup.hpp"
#include "auditflow/correlate/window_store.hpp"
#include "auditflow/event/audit_event.hpp"
#include "auditflow/event/event.hpp"
#include "auditflow/sigma/link.hpp"

namespace auditflow::correlate {

enum class MissingGroupField : std::uint8_t {
  kSkip,  ///< the event takes no part in that correlation; counted
  kNull,  ///< a group of its own
};

struct CorrelatorOptions {
  MissingGroupField missing_group_field = MissingGroupField::kSkip;
  /// Unless the rule says otherwise under `auditflow: {repeat: once|every}`.
  Repeat repeat = Repeat::kOnce;
  /// How correlations that no other refers to are reported, whatever they say themselves. What a
  /// correlation hands to another is part of that one's meaning and stays as the rule says.
  std::optional<Repeat> repeat_of_alerts = {};
  bool use_arrival_time = false;
  /// Of the store that `Create` makes if it is given no factory.
  Duration allowed_lateness{0};
  WindowLimits limits = {};
  /// Asked for every field that a correlation reads; the fields of its group excepted, where a hit
  /// of another correlation has them. `Detector` sets it, for field maps.
  FieldLookup field_lookup = {};
};

/// One event and the detection rules that it matched.
struct Observation {
  const event::Event* event = nullptr;
  Uuid event_id;
  Timestamp time;                          ///< event time
  Timestamp arrival;                       ///< wall clock; the default value: unknown
  std::span<const std::uint32_t> matches;  ///< ascending indices of `LinkedRules::rules.detections`
};

/// A correlation whose condition was met.
struct CorrelationHit {
  std::uint32_t correlation = 0;  ///< index into `LinkedRules::rules.correlations`
  /// group-by field → value as text; null and missing fields have an empty one.
  std::vector<std::pair<std::string, std::string>> group;
  std::string group_key;  ///< the same, encoded; part of the alert's identity
  Uuid event_id;          ///< the triggering event
  Timestamp time;
  Timestamp arrival;
  std::string payload;  ///< its raw JSON
  double value = 0;     ///< see `Firing`, also for the following
  std::uint64_t events = 0;
  Timestamp first_time;
  std::vector<Uuid> contributors;
  bool output = true;  ///< false: only feeds another correlation
};

struct CorrelatorStatistics {
  WindowStatistics windows;
  std::uint64_t missing_group_field = 0;
  std::uint64_t missing_value = 0;
};

/// Turns matches into correlation hits, through chains of correlations too.
///
/// Groups: a field's value is compared as text that has one form per value: strings as they are
/// (letter case counts), integers in decimal, other numbers in their shortest decimal form; so 1,
/// 1.0 and "1" are one group, as they are one value to a detection. Of an array the first scalar
/// counts. Values over 512 bytes are cut and a digest of the whole takes the place of the rest.
///
/// Chains: a hit is an observation for the correlations that refer to it, at its trigger's time.
/// Its fields are its group-by fields, then those of the triggering event. Each level of
/// correlations has a store of its own and waits one lateness longer than the level below.
///
/// Thread safety: thread-compatible; what is behind the store may be shared, see `ShareStores`.
class Correlator {
 public:
  using StoreFactory = std::function<std::unique_ptr<WindowStore>(std::vector<WindowSpec>)>;

  /// `store` is called once per level of correlations; null: `NewInMemoryWindowStore`.
  /// @return kInvalidArgument with file:line:column in the message if a rule's `auditflow:` block
  /// is malformed, a value type names no field, or a condition names a rule that `rules:` does not.
  static Result<std::unique_ptr<Correlator>> Create(std::shared_ptr<const sigma::LinkedRules> rules,
                                                    const StoreFactory& store,
                                                    const CorrelatorOptions& options = {});
  virtual ~Correlator() = default;

  /// One round trip to the store per level of correlation, for the whole batch. Hits come by level,
  /// within a level in the order of evaluation.
  /// @return the store's error. Observe the same batch again: what it did stays done, since an
  /// event changes a window once, and hits that could not be returned come with the next call.
  virtual Result<std::vector<CorrelationHit>> Observe(std::span<const Observation> batch) = 0;
  /// See `WindowStore::Release`.
  virtual Result<std::vector<CorrelationHit>> Release(Timestamp now) = 0;
  /// See `WindowStore::Settle`: the hits of all calls so far have been dealt with.
  virtual void Settle() = 0;
  [[nodiscard]] virtual CorrelatorStatistics Statistics() const = 0;
};

/// Makes stores that several correlators use at once, so that threads with a correlator each work
/// on the same windows: those that are created for the same rules with the factory returned get the
/// same stores, which live as long as one of these correlators does.
///
/// The hits of all correlators together are those of a single one if no event reaches its group
/// later than the allowed lateness, by whichever thread. So with lateness 0 the events of one group
/// have to come through one thread. A chain counts the time by which one thread is ahead of another
/// as lateness, too: what it is between their batches has to fit in, and `Release` belongs to a
/// moment when no other correlator is in a call. Each correlator's statistics have the windows of
/// all.
///
/// Thread safety: the factory is thread-safe.
Correlator::StoreFactory ShareStores(Correlator::StoreFactory make);

}  // namespace auditflow::correlate
