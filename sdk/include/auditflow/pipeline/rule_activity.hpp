#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "auditflow/core/timestamp.hpp"
#include "auditflow/match/rule_set.hpp"
#include "auditflow/observe/pipeline_metrics.hpp"
#include "auditflow/pipeline/rule_package.hpp"

namespace auditflow::pipeline {

/// How often each rule matched, and what it was measured to take: plain counters of one thread,
/// which any other may read.
///
/// A rule goes by its `rule_id`: it keeps its count when the rules are replaced, and rules that
/// share one share the count.
///
/// Thread safety: `UseRules` and the counting by one thread at a time, `Numbers` by any.
class RuleActivity {
 public:
  explicit RuleActivity(const RulePackage& rules);
  ~RuleActivity();

  /// Goes on with the rules of another package; those that it does not hold are forgotten.
  void UseRules(const RulePackage& rules);

  /// Detection rules that matched, each as often as it did.
  void CountMatches(std::span<const match::RuleIndex> matches);
  /// A correlation whose condition was met.
  void CountHit(std::uint32_t correlation);

  /// A detection rule was measured on so many events; see `match::RuleCost`.
  void AddTime(match::RuleIndex rule, std::size_t events, Duration taken);

  /// Of every rule in use, by rule id, those that never matched included.
  [[nodiscard]] std::vector<observe::RuleNumbers> Numbers() const;

 private:
  struct Counts;
  struct Table;
  [[nodiscard]] std::shared_ptr<const Table> table() const;

  mutable std::mutex mutex_;  // of the pointer alone
  std::shared_ptr<Table> table_;
  Table* counting_ = nullptr;  // the same, for the thread that counts
};

}  // namespace auditflow::pipeline
