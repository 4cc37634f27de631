#include "src/pipeline/rule_timer.hpp"

#include <algorithm>
#include <chrono>
#include <vector>

namespace auditflow::pipeline {
namespace {

/// Enough that what a rule remembers of recent values shows as it does in the long run.
constexpr std::size_t kMostEvents = 64;

/// Between two measurements, however short they are.
constexpr Duration kLeastRest = std::chrono::milliseconds(10);

}  // namespace

RuleTimer::RuleTimer(const RulePackage& rules, double share, const Clock& clock)
    : cost_(rules.rules, rules.compile),
      rules_(rules.detection_alerts.size()),
      share_(share),
      clock_(clock),
      due_(clock.Monotonic() + kLeastRest) {}

void RuleTimer::UseRules(const RulePackage& rules) {
  cost_ = match::RuleCost(rules.rules, rules.compile);
  rules_ = rules.detection_alerts.size();
  next_ = 0;
}

void RuleTimer::Sample(std::span<const DetectorInput> batch, RuleActivity& activity) {
  if (share_ <= 0 || rules_ == 0 || batch.empty()) return;
  const Duration start = clock_.Monotonic();
  if (start < due_) return;
  std::vector<const event::Event*> events;
  for (const DetectorInput& input : batch.first(std::min(batch.size(), kMostEvents))) {
    events.push_back(input.event);
  }
  const match::RuleIndex rule = next_;
  next_ = static_cast<match::RuleIndex>((next_ + 1) % rules_);
  if (const auto measured = cost_.Measure(rule, events, clock_)) {
    activity.AddTime(rule, events.size(), measured->taken);
  }
  const Duration end = clock_.Monotonic();
  const auto rest =
      std::chrono::duration_cast<Duration>(std::chrono::duration<double>(end - start) / share_);
  due_ = end + std::max(rest, kLeastRest);
}

}  // namespace auditflow::pipeline
