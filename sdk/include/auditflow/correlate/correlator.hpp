#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "auditflow/core/result.hpp"
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
  bool use_arrival_time = false;
  WindowLimits limits;
};

/// One event and the detection rules that it matched.
struct Observation {
  const event::Event* event = nullptr;
  Uuid event_id;
  Timestamp time;                          ///< event time
  Timestamp arrival;                       ///< wall clock
  std::span<const std::uint32_t> matches;  ///< ascending indices of `LinkedRules::rules.detections`
};

/// A correlation whose condition was met.
struct CorrelationHit {
  std::uint32_t correlation = 0;  ///< index into `LinkedRules::rules.correlations`
  std::vector<std::pair<std::string, std::string>> group;  ///< group-by field → value
  std::string group_key;  ///< the same, encoded; part of the alert's identity
  Uuid event_id;          ///< the triggering event
  Timestamp time;
  std::string payload;  ///< its raw JSON
  double value = 0;
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
/// Thread safety: thread-compatible; the store below may be shared.
class Correlator {
 public:
  using StoreFactory = std::function<std::unique_ptr<WindowStore>(std::vector<WindowSpec>)>;

  /// @return kInvalidArgument if a rule's `auditflow:` block is malformed (file:line:column in the
  /// message).
  static Result<std::unique_ptr<Correlator>> Create(std::shared_ptr<const sigma::LinkedRules> rules,
                                                    const StoreFactory& store,
                                                    const CorrelatorOptions& options = {});
  virtual ~Correlator() = default;

  /// One round trip to the store per level of correlation, for the whole batch.
  virtual Result<std::vector<CorrelationHit>> Observe(std::span<const Observation> batch) = 0;
  /// See `WindowStore::Release`.
  virtual Result<std::vector<CorrelationHit>> Release(Timestamp now) = 0;
  [[nodiscard]] virtual CorrelatorStatistics Statistics() const = 0;
};

}  // namespace auditflow::correlate
