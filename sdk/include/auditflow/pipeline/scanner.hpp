#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "auditflow/core/result.hpp"
#include "auditflow/correlate/correlator.hpp"
#include "auditflow/event/audit_event.hpp"
#include "auditflow/event/event.hpp"
#include "auditflow/pipeline/rule_package.hpp"

namespace auditflow::pipeline {

/// Where an event stands in the files of a scan.
struct EventPosition {
  std::uint32_t file = 0;   ///< the caller's number for it
  std::uint64_t line = 0;   ///< 1-based, where the event begins
  std::uint64_t index = 0;  ///< 0-based number of the event in its file
};

/// A rule that matched, borrowed for the call of the visitor.
struct Finding {
  const sigma::Metadata* metadata = nullptr;
  std::string_view rule_id;             ///< as in alerts: `auditflow: rule_id`, else the key
  const event::Event* event = nullptr;  ///< a correlation's: the one that triggered it
  event::Identity identity;
  /// Of `event`; nothing if so many events came between that its place has been forgotten.
  std::optional<EventPosition> position;
  const correlate::CorrelationHit* hit = nullptr;  ///< null for a detection rule
  /// Where the hit's contributors stand, in their order.
  std::vector<std::optional<EventPosition>> contributors = {};
};

struct ScannerOptions {
  /// How much older than the newest event of its group an event may be and still count.
  Duration allowed_lateness = std::chrono::minutes(10);
  correlate::WindowLimits limits = {};
  event::IdentityOptions identity = {};
  /// How many events that a correlation saw are remembered with their place.
  std::size_t remembered_positions = 200'000;
};

struct ScannerStatistics {
  std::uint64_t events = 0;
  std::uint64_t matched_events = 0;
  /// Matched a rule that a correlation counts, but had no readable time; not counted by it.
  std::uint64_t without_time = 0;
  std::uint64_t code_failures = 0;  ///< how often rules as code have thrown
  correlate::CorrelatorStatistics correlation;
};

/// Finds what rules match in recorded events, without alerts and queues.
///
/// Only event time is looked at: the events may be as old as they like. An event without a readable
/// time is matched, and takes no part in correlations.
/// Thread safety: thread-compatible.
class Scanner {
 public:
  using Visitor = std::function<void(const Finding&)>;

  /// @return what `Correlator::Create` returns.
  static Result<std::unique_ptr<Scanner>> Create(std::shared_ptr<const RulePackage> rules,
                                                 const ScannerOptions& options = {});
  ~Scanner();

  /// Calls `visit` for every rule that matches, then for every correlation that is met.
  Status Scan(const event::Event& event, const EventPosition& position, const Visitor& visit);
  /// At the end: the correlations that still wait for late events.
  Status Finish(const Visitor& visit);

  [[nodiscard]] ScannerStatistics Statistics() const;

 private:
  struct Impl;
  explicit Scanner(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace auditflow::pipeline
