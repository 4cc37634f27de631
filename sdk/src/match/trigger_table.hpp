#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "src/match/partition.hpp"

namespace auditflow::match {

/// Which rules an atom makes worth evaluating once it holds.
///
/// Thread safety: immutable after construction.
class TriggerTable {
 public:
  TriggerTable() = default;
  TriggerTable(std::span<const RulePlan> rules, std::size_t atoms);

  [[nodiscard]] std::span<const RuleSlot> TriggeredBy(AtomId atom) const {
    return {slots_.data() + begin_[atom], slots_.data() + begin_[atom + 1]};
  }

 private:
  std::vector<std::uint32_t> begin_;  ///< by atom, one more at the end; into slots_
  std::vector<RuleSlot> slots_;
};

}  // namespace auditflow::match
