#include "src/match/trigger_table.hpp"

#include <algorithm>
#include <utility>

namespace auditflow::match {

TriggerTable::TriggerTable(std::span<const RulePlan> rules, std::size_t atoms) {
  std::vector<std::pair<AtomId, RuleSlot>> triggers;
  for (const RulePlan& rule : rules) {
    if (!*rule.triggers) continue;
    for (const AtomId atom : **rule.triggers) triggers.emplace_back(atom, rule.slot);
  }
  std::sort(triggers.begin(), triggers.end());
  begin_.assign(atoms + 1, 0);
  for (const auto& [atom, slot] : triggers) {
    ++begin_[atom + 1];
    slots_.push_back(slot);
  }
  for (std::size_t atom = 0; atom < atoms; ++atom) begin_[atom + 1] += begin_[atom];
}

}  // namespace auditflow::match
