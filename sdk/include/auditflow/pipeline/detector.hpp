#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "auditflow/alert/alert.hpp"
#include "auditflow/core/clock.hpp"
#include "auditflow/core/result.hpp"
#include "auditflow/correlate/correlator.hpp"
#include "auditflow/event/audit_event.hpp"
#include "auditflow/event/event.hpp"
#include "auditflow/pipeline/rule_activity.hpp"
#include "auditflow/pipeline/rule_package.hpp"

namespace auditflow::pipeline {

struct DetectorOptions {
  std::string environment = "development";  ///< `metadata.environment` of every alert
  correlate::CorrelatorOptions correlation;
  /// How much older than the newest event of its group an event may be and still count.
  Duration allowed_lateness{0};
  /// Where windows live; the in-memory store if empty.
  correlate::Correlator::StoreFactory window_store;
  /// How often at most it is logged that one rule as code fails.
  Duration code_failure_log_interval = std::chrono::minutes(1);
  /// Share of the time that may go into measuring rules one by one, see `match::RuleCost`. 0: none.
  double rule_timing_share = 0.005;
};

/// An event with what the platform has to know about it.
struct DetectorInput {
  const event::Event* event = nullptr;  ///< borrowed for the call
  event::Identity identity;
};

struct DetectedAlert {
  alert::Alert alert;
  const alert::AlertTemplate* rule = nullptr;  ///< what it was made from; owned by the rule package
  Timestamp event_time;                        ///< of the triggering event
};

/// Which rules matched, by rule id as in alerts. Views last as long as the rule package.
struct RuleMatches {
  /// By place in the batch: the detection rules that matched the event, then the correlations that
  /// it met.
  std::vector<std::vector<std::string_view>> of_events;
  /// Correlations met by events of earlier batches, which had waited for late ones.
  struct Earlier {
    Uuid event_id;
    Timestamp time;
    std::string_view rule_id;
  };
  std::vector<Earlier> of_earlier;
};

/// Events in, alerts out: matching, correlation and the making of alerts, without queues or
/// threads.
///
/// An event without a readable time takes part in correlations at its time of arrival.
/// Thread safety: thread-compatible.
class Detector {
 public:
  /// @return what `Correlator::Create` returns for a rule with a malformed `auditflow:` block.
  static Result<std::unique_ptr<Detector>> Create(std::shared_ptr<const RulePackage> rules,
                                                  const DetectorOptions& options = {},
                                                  const Clock& clock = SystemClock());
  ~Detector();

  /// Goes on with other rules. A correlation that means the same as before keeps its windows, with
  /// what waits in them for late events; one that is new or changed starts empty, and one that is
  /// gone takes its windows along. Statistics go on counting. What was returned before stays valid
  /// for as long as its package does.
  /// @return as `Create`, and kUnavailable after a call that failed and has not been repeated with
  /// success, because the alerts it owes are the old rules'. After an error nothing has changed.
  Status Replace(std::shared_ptr<const RulePackage> rules);

  /// The alerts of these events: first those of detection rules, event by event, then those of
  /// correlations as their windows report them.
  /// @return the window store's failure; then no alert is lost if the same batch is tried again.
  /// @param matches if not null, is filled with which rules matched.
  Result<std::vector<DetectedAlert>> Detect(std::span<const DetectorInput> batch,
                                            RuleMatches* matches = nullptr);
  /// What becomes due without a new event; see `WindowStore::Release`.
  Result<std::vector<DetectedAlert>> Release(Timestamp now, RuleMatches* matches = nullptr);
  /// The alerts of all calls so far have been dealt with; see `WindowStore::Settle`.
  void Settle();
  /// At the end of the input: everything that still waits for late events.
  Result<std::vector<DetectedAlert>> Flush(RuleMatches* matches = nullptr);

  [[nodiscard]] std::uint64_t match_count() const;
  /// How often each rule matched, batches that failed left out. May be read by any thread, also
  /// after the detector is gone.
  [[nodiscard]] std::shared_ptr<const RuleActivity> activity() const;
  [[nodiscard]] correlate::CorrelatorStatistics Statistics() const;
  /// How long `Detect` has been in correlations so far, by the clock.
  [[nodiscard]] Duration correlating() const;
  /// How often rules as code have thrown, by rule id.
  [[nodiscard]] const std::map<std::string, std::uint64_t>& CodeFailureCounts() const;
  [[nodiscard]] const RulePackage& rules() const;

 private:
  struct Impl;
  explicit Detector(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace auditflow::pipeline
