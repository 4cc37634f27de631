#pragma once

#include <vector>

#include "auditflow/core/status.hpp"
#include "auditflow/observe/pipeline_metrics.hpp"
#include "auditflow/pipeline/detector.hpp"
#include "auditflow/store/event_store.hpp"

namespace auditflow::pipeline {

/// Correlations that are met later than their event's batch, on their way to the archive.
///
/// Thread safety: thread-compatible; `Archive` may run beside the rest.
class LaterRules {
 public:
  /// Without an archive there is nothing to note. Both must outlive it.
  LaterRules(store::EventStore* archive, observe::AnalysisMetrics& metrics)
      : archive_(archive), metrics_(metrics) {}

  /// For the detector to fill; null without an archive.
  [[nodiscard]] RuleMatches* notes() { return archive_ == nullptr ? nullptr : &notes_; }
  /// What was noted of earlier events since the last call.
  std::vector<store::LaterRule> Take();
  /// One attempt. What the archive refuses for good is counted and left out: one rule of a lot must
  /// not hold back the queue. @return the archive's failure where another attempt may help.
  Status Archive(const std::vector<store::LaterRule>& rules);

 private:
  store::EventStore* archive_;
  observe::AnalysisMetrics& metrics_;
  RuleMatches notes_;
};

}  // namespace auditflow::pipeline
