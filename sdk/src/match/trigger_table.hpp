#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "src/match/atom_table.hpp"
#include "src/match/formula.hpp"

namespace auditflow::match {

/// A compiled rule's place within its rule set.
using RuleSlot = std::uint32_t;

/// What compiling has found out about one rule.
struct RulePlan {
  RuleSlot slot = 0;
  const Formula* formula = nullptr;
  /// See SelectTriggers.
  const std::optional<std::vector<AtomId>>* triggers = nullptr;
};

/// Which of some rules an atom makes worth evaluating once it holds.
///
/// Thread safety: immutable after construction.
class TriggerTable {
 public:
  TriggerTable() = default;
  explicit TriggerTable(std::span<const RulePlan> rules);

  [[nodiscard]] std::span<const RuleSlot> TriggeredBy(AtomId atom) const;

 private:
  std::vector<AtomId> atoms_;         ///< those that trigger something, ascending
  std::vector<std::uint32_t> begin_;  ///< by place in atoms_, one more at the end; into slots_
  std::vector<RuleSlot> slots_;
};

}  // namespace auditflow::match
