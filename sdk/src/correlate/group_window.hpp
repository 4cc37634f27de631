#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

#include "auditflow/correlate/window_group.hpp"
#include "auditflow/correlate/window_store.hpp"

#include "src/core/byte_codec.hpp"
#include "src/correlate/aggregate.hpp"
#include "src/correlate/id_set.hpp"
#include "src/correlate/ring.hpp"

namespace auditflow::correlate {

/// One group of one rule: events waiting for the watermark, the window behind it, and whether the
/// condition holds.
///
/// Thread safety: thread-compatible.
class GroupWindow {
 public:
  explicit GroupWindow(const WindowPlan& plan);

  /// Firings are appended to `firings` with everything set but `spec` and `group`.
  Outcome Apply(const WindowPlan& plan, const WindowUpdate& update, std::vector<Firing>& firings);
  /// Evaluates up to the last pending event that arrived before `cutoff`.
  void Release(const WindowPlan& plan, Timestamp cutoff, std::vector<Firing>& firings);

  [[nodiscard]] std::size_t pending() const { return pending_.size(); }
  /// Window and pending events.
  [[nodiscard]] std::size_t events() const { return log_.size() - expired_ + pending_.size(); }
  [[nodiscard]] std::int64_t newest_time() const { return newest_; }
  /// Events that left the window early, since the last call.
  std::uint64_t TakeDropped();
  /// See `WindowGroup`.
  [[nodiscard]] Timestamp FirstArrival() const;
  void Save(ByteWriter& out) const;
  /// Requires a new object. False for bytes that `Save` did not write.
  bool Load(const WindowPlan& plan, ByteReader& in);

 private:
  struct Entry {
    std::int64_t time = 0;
    Identity identity;
  };
  /// What is handed back if the event fires.
  struct Message {
    Timestamp arrival;
    const std::string* payload = nullptr;
  };
  struct Pending {
    Timestamp arrival;
    std::vector<std::uint32_t> slots;
    std::variant<std::monostate, std::string, double> value;
    std::string payload;
  };
  /// (time, order of arrival where that decides ties, identity)
  using Order = std::tuple<std::int64_t, std::uint64_t, Identity>;

  /// Hits of the levels below come when a clock releases them. A backlog is worked off faster than
  /// its events happened: by their times a hit would come after all that it precedes.
  static bool WaitsForClock(const WindowPlan& plan, const WindowUpdate& update);
  [[nodiscard]] std::int64_t Watermark(const WindowPlan& plan) const;
  void Enqueue(const WindowPlan& plan, const WindowUpdate& update);
  void EvaluateOldest(const WindowPlan& plan, std::vector<Firing>& firings);
  void Evaluate(const WindowPlan& plan, const Entry& entry, const Sample& sample,
                const Message& message, std::vector<Firing>& firings);
  void Advance(const WindowPlan& plan, std::int64_t now);
  void ExpireOldest();
  void Forget();
  bool LoadLog(const WindowPlan& plan, ByteReader& in);
  bool LoadPending(const WindowPlan& plan, ByteReader& in);
  void KeepWithinLimit(const WindowPlan& plan, std::vector<Firing>& firings);
  [[nodiscard]] bool Holds(const WindowPlan& plan) const;
  [[nodiscard]] Firing MakeFiring(const WindowPlan& plan, const Entry& entry,
                                  const Message& message) const;

  static constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::min();

  std::unique_ptr<Aggregate> aggregate_;
  std::map<Order, Pending> pending_;
  // Evaluated events, oldest first: those that only duplicates are compared with, then the window.
  Ring<Entry> log_;
  std::size_t expired_ = 0;  // how many of `log_` have left the window
  IdSet ids_;                // of `log_` and `pending_`
  std::int64_t newest_ = kNever;
  std::int64_t evaluated_ = kNever;  // time of the newest evaluated event
  std::uint64_t arrivals_ = 0;
  std::uint64_t dropped_ = 0;
  bool held_ = false;
};

}  // namespace auditflow::correlate
