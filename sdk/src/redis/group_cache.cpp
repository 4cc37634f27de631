#include "src/redis/group_cache.hpp"

#include <algorithm>
#include <chrono>

#include "src/core/saturate.hpp"

namespace auditflow::redis {
namespace {

/// Below this a copy costs less than reading the group again; and what it released is settled.
constexpr Duration kShortestIdle = std::chrono::minutes(1);

/// From then on an event that is neither early nor late finds an empty window.
Duration IdleAfter(const correlate::WindowRule& rule) {
  const std::int64_t lateness = rule.lateness().count();
  const std::int64_t reach =
      SaturatingAdd(rule.spec().timespan.count(), SaturatingAdd(lateness, lateness));
  return std::max(Duration(reach), kShortestIdle);
}

}  // namespace

void GroupCache::AddRule(std::shared_ptr<const correlate::WindowRule> rule,
                         std::size_t max_groups) {
  const Duration max_idle = IdleAfter(*rule);
  rules_.push_back({std::move(rule), std::max<std::size_t>(max_groups, 1), max_idle, {}});
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
