#include "src/store/waiting_rules.hpp"

#include <algorithm>
#include <limits>

#include "auditflow/store/event_store.hpp"

namespace auditflow::store {

void AddRule(const std::string& rule_id, ArchivedEvent& event) {
  if (std::ranges::find(event.rule_ids, rule_id) == event.rule_ids.end()) {
    event.rule_ids.push_back(rule_id);
  }
}

void WaitingRules::Add(const LaterRule& rule) {
  const auto [place, is_new] = rules_.emplace(Key(rule.event_id, rule.timestamp, rule.rule_id), 0);
  if (!is_new) return;
  place->second = next_;
  by_age_.emplace(next_, place);
  ++next_;
  if (rules_.size() > kMaxWaitingRules) Erase(by_age_.begin()->second);
}

void WaitingRules::MoveTo(ArchivedEvent& event) {
  constexpr std::int64_t kFirst = std::numeric_limits<std::int64_t>::min();
  std::map<std::uint64_t, std::string> in_order;
  auto rule = rules_.lower_bound(Key(event.event_id, Timestamp::FromUnixNanos(kFirst), ""));
  while (rule != rules_.end() && std::get<Uuid>(rule->first) == event.event_id) {
    if (event.has_time && std::get<Timestamp>(rule->first) != event.timestamp) {
      ++rule;
      continue;
    }
    in_order.emplace(rule->second, std::get<std::string>(rule->first));
    rule = Erase(rule);
  }
  for (const auto& [age, rule_id] : in_order) AddRule(rule_id, event);
}

void WaitingRules::DropBefore(Timestamp day) {
  for (auto rule = rules_.begin(); rule != rules_.end();) {
    rule = std::get<Timestamp>(rule->first) < day ? Erase(rule) : std::next(rule);
  }
}

WaitingRules::Rules::iterator WaitingRules::Erase(Rules::iterator rule) {
  by_age_.erase(rule->second);
  return rules_.erase(rule);
}

}  // namespace auditflow::store
