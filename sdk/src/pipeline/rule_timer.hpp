#pragma once

#include <memory>
#include <span>

#include "auditflow/core/clock.hpp"
#include "auditflow/match/rule_cost.hpp"
#include "auditflow/pipeline/detector.hpp"
#include "auditflow/pipeline/rule_activity.hpp"
#include "auditflow/pipeline/rule_package.hpp"

namespace auditflow::pipeline {

/// Measures one rule after the other on events that have just been evaluated, in a small share of
/// the time: after a measurement it rests for so long that it stays below that share.
///
/// Thread safety: thread-compatible.
class RuleTimer {
 public:
  /// `share` of the time, from 0 (never) to 1.
  RuleTimer(const RulePackage& rules, double share, const Clock& clock);

  void UseRules(const RulePackage& rules);

  /// Measures the rule whose turn it is, if it is time for that. Costs a look at the clock else.
  void Sample(std::span<const DetectorInput> batch, RuleActivity& activity);

 private:
  match::RuleCost cost_;
  std::size_t rules_ = 0;
  match::RuleIndex next_ = 0;
  double share_;
  const Clock& clock_;
  Duration due_;
};

}  // namespace auditflow::pipeline
