#include "src/match/trigger_table.hpp"

#include <algorithm>
#include <utility>

namespace auditflow::match {

TriggerTable::TriggerTable(std::span<const RulePlan> rules) {
  std::vector<std::pair<AtomId, RuleSlot>> triggers;
  for (const RulePlan& rule : rules) {
    if (!*rule.triggers) continue;
    for (const AtomId atom : **rule.triggers) triggers.emplace_back(atom, rule.slot);
  }
  std::sort(triggers.begin(), triggers.end());
  for (const auto& [atom, slot] : triggers) {
    if (atoms_.empty() || atoms_.back() != atom) {
      atoms_.push_back(atom);
      begin_.push_back(static_cast<std::uint32_t>(slots_.size()));
    }
    slots_.push_back(slot);
  }
  begin_.push_back(static_cast<std::uint32_t>(slots_.size()));
}

std::span<const RuleSlot> TriggerTable::TriggeredBy(AtomId atom) const {
  const auto found = std::lower_bound(atoms_.begin(), atoms_.end(), atom);
  if (found == atoms_.end() || *found != atom) return {};
  const auto place = static_cast<std::size_t>(found - atoms_.begin());
  return {slots_.data() + begin_[place], slots_.data() + begin_[place + 1]};
}

}  // namespace auditflow::match
