#include "src/redis/group_cache.hpp"

#include <algorithm>
#include <chrono>

namespace auditflow::redis {
namespace {

/// Below this a copy costs less than reading the group again; and what it released is settled.
constexpr Duration kShortestIdle = std::chrono::minutes(1);

}  // namespace

void GroupCache::AddRule(std::shared_ptr<const correlate::WindowRule> rule, std::size_t max_groups,
                         Duration reach) {
  rules_.push_back(
      {std::move(rule), std::max<std::size_t>(max_groups, 1), std::max(reach, kShortestIdle), {}});
}

GroupCache::Group& GroupCache::FindOrCreate(const GroupName& name) {
  Rule& rule = rules_[name.first];
  const auto found = groups_.find(name);
  if (found != groups_.end()) {
    rule.uses.splice(rule.uses.begin(), rule.uses, found->second.use);
    rule.uses.front().at = clock_.Monotonic();
    return found->second.group;
  }
  rule.uses.push_front({name, clock_.Monotonic()});
  Entry entry{{GroupReplica(rule.rule, owner_)}, rule.uses.begin()};
  return groups_.emplace(name, std::move(entry)).first->second.group;
}

void GroupCache::Trim() {
  const Duration now = clock_.Monotonic();
  for (Rule& rule : rules_) {
    while (!rule.uses.empty() &&
           (rule.uses.size() > rule.max_groups || now - rule.uses.back().at > rule.max_idle)) {
      groups_.erase(rule.uses.back().name);
      rule.uses.pop_back();
    }
  }
}

std::size_t GroupCache::pending() const {
  std::size_t pending = 0;
  for (const auto& [name, entry] : groups_) pending += entry.group.replica.pending();
  return pending;
}

}  // namespace auditflow::redis
