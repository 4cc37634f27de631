#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "auditflow/core/result.hpp"
#include "auditflow/core/timestamp.hpp"
#include "auditflow/core/uuid.hpp"
#include "auditflow/sigma/document.hpp"

namespace auditflow::correlate {

/// The time to release at when nothing will come any more: all that waits is evaluated.
inline constexpr Timestamp kEndOfInput =
    Timestamp::FromUnixNanos(std::numeric_limits<std::int64_t>::max());

/// How often `Release` is to be called if chains of correlations are to miss nothing.
inline constexpr int kReleasesPerLateness = 8;

/// When a group whose condition holds is reported.
enum class Repeat : std::uint8_t {
  kOnce,   ///< at the moment the condition becomes true; again only after it has been false
  kEvery,  ///< at every event at which it holds
};

/// What a window store has to know of one correlation rule.
struct WindowSpec {
  std::string key;  ///< names the rule's state; changes when the rule's meaning changes
  sigma::CorrelationType type = sigma::CorrelationType::kEventCount;
  Duration timespan{0};
  std::vector<std::pair<sigma::Comparison, double>> condition;  ///< all must hold
  double percentile = 50;
  std::uint32_t rule_slots = 0;  ///< how many rules it refers to
  /// Temporal types: names in it are slot numbers as text; a selector counts over its children, or
  /// over all slots if it is `of them` without children. Nothing: `condition`, and without that
  /// all slots.
  std::optional<sigma::Condition> slot_condition;
  /// How many correlations deep the rule is: 1 over detections only. The allowed lateness is
  /// multiplied by it, because a hit of the level below comes up to one lateness (and one period of
  /// `Release`) later.
  std::uint32_t level = 1;
  Repeat repeat = Repeat::kOnce;
};

/// One event's effect on one group of one correlation.
struct WindowUpdate {
  std::uint32_t spec = 0;    ///< index into the specs the store was made with
  std::string group;         ///< the group-by tuple, encoded so that different tuples differ
  Uuid event_id;             ///< changes a window once per origin
  std::uint32_t origin = 0;  ///< tells apart how one event got here: 0 for the event itself
  Timestamp time;            ///< event time
  /// Wall clock: releases a pending event when nothing later comes. The default value: unknown, and
  /// the event is not held against `max_future_skew`.
  Timestamp arrival;
  std::vector<std::uint32_t>
      slots;  ///< which of the referenced rules matched, ascending; at least one
  /// value_count: the distinct value (several fields: encoded tuple); other value types: a finite
  /// number; else ignored.
  std::variant<std::monostate, std::string, double> value;
  /// Kept until the event has been evaluated and handed back if it fires: the event's raw JSON.
  std::string payload;
};

/// A group at the moment it is reported.
struct Firing {
  std::uint32_t spec = 0;
  std::string group;
  Uuid event_id;   ///< the event at which the condition held
  Timestamp time;  ///< its time
  Timestamp arrival;
  std::string payload;
  /// The count, sum, … that met the condition; temporal: how many slots were seen;
  /// temporal_ordered: how many of them, from the first, were seen in order.
  double value = 0;
  std::uint64_t events = 0;  ///< how many the window holds
  Timestamp first_time;      ///< of its oldest
  /// The newest events of the window, oldest first, the triggering one last; at most
  /// `max_contributors`.
  std::vector<Uuid> contributors;
};

struct WindowLimits {
  std::size_t max_groups =
      100'000;  ///< per spec; beyond it the least recently used group is dropped and counted
  /// Window and pending events together; beyond it the oldest leave the window early, counted. A
  /// rule that counts up to more than this gets the room it needs.
  std::size_t max_events_per_group = 100'000;
  std::size_t max_contributors = 20;
  /// An event that claims to be this much later than it arrived is left out and counted: one wrong
  /// clock would otherwise make every right one late. Zero: no guard.
  Duration max_future_skew = std::chrono::hours(24);
};

struct WindowStatistics {
  std::uint64_t applied = 0;
  std::uint64_t duplicates = 0;
  std::uint64_t late = 0;
  std::uint64_t future = 0;  ///< beyond `max_future_skew`
  std::uint64_t dropped_groups = 0;
  std::uint64_t dropped_events = 0;
  std::size_t groups = 0;
  std::size_t pending = 0;

  WindowStatistics& operator+=(const WindowStatistics& other);
};

/// Keeps sliding windows and says when a group's condition is met.
///
/// Event time: each group has a watermark, its newest event time less the allowed lateness. Events
/// are evaluated in the order of (time, event_id) once the watermark has passed them – in
/// `temporal_ordered` equal times keep their order of arrival – so any order of arrival within the
/// lateness gives the same firings. With lateness 0 an event is evaluated at once, and equal times
/// keep their order of arrival. What correlations of other correlations are fed with a known
/// arrival waits for `Release` instead of a watermark: the hits among it come by that clock, too.
/// An event older than the watermark, or than what `Release` has evaluated, is late: counted,
/// without effect. An event is in the window of t when t − timespan < its time ≤ t.
///
/// Firing: each event is looked at twice, just before it enters (what has left the window by then
/// no longer counts; a condition that is false now, or an empty window, arms the group again) and
/// just after.
///
/// Thread safety: thread-safe.
class WindowStore {
 public:
  virtual ~WindowStore() = default;
  /// Applies the updates in order. Firings come in the order of evaluation.
  /// @return kInvalidArgument, before anything is applied, for an update that does not fit its
  /// spec.
  virtual Result<std::vector<Firing>> Apply(std::span<const WindowUpdate> updates) = 0;
  /// Evaluates pending events that arrived before `now` − lateness although no newer event came,
  /// and what precedes them in their groups; to be called at least every lateness /
  /// `kReleasesPerLateness`. With `kEndOfInput` all of them. Firings of different groups come in
  /// the order of (time, rule, group).
  virtual Result<std::vector<Firing>> Release(Timestamp now) = 0;
  /// Says that whatever `Release` has returned so far is dealt with. No event comes again for what
  /// a release has fired; so a store that outlives programs gives firings that were never settled
  /// to another program, after a while. Fails silently: then they come once more.
  virtual void Settle() {}
  [[nodiscard]] virtual WindowStatistics Statistics() const = 0;
};

/// Windows in this process's memory. State is lost with the process.
/// Cost per event: O(1) for counts, sums and averages, O(log n) for the other types, n being the
/// events in the group's window, times the number of slots for temporal types. Sums are exact, so
/// they do not drift.
///
/// Groups are spread over shards by their key, each with a lock of its own; the least recently used
/// group is the one of its shard.
///
/// @param previous an in-memory store, still in use or not: rules whose `key` it knows go on with
/// its windows and limits (after a reload of the rules), if the lateness is the same. Null: all
/// windows start empty.
std::unique_ptr<WindowStore> NewInMemoryWindowStore(std::vector<WindowSpec> specs,
                                                    Duration allowed_lateness,
                                                    const WindowLimits& limits = {},
                                                    const WindowStore* previous = nullptr);

}  // namespace auditflow::correlate
