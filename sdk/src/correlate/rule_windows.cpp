#include "src/correlate/rule_windows.hpp"

#include <algorithm>
#include <utility>

#include "src/core/saturate.hpp"
#include "src/correlate/update_check.hpp"

namespace auditflow::correlate {
namespace {

constexpr std::size_t kShards = 16;
// Below this a shard of its own would evict long before the rule's groups are used up.
constexpr std::size_t kMinGroupsPerShard = 256;

std::size_t ShardCount(std::size_t max_groups) {
  return max_groups < kShards * kMinGroupsPerShard ? 1 : kShards;
}

}  // namespace

void WindowShard::Apply(const WindowPlan& plan, const WindowUpdate& update,
                        std::vector<Firing>& firings) {
  const std::lock_guard lock(mutex_);
  if (FromTheFuture(plan.limits, update)) {
    ++statistics_.future;
    return;
  }
  Group& group = FindOrCreate(plan, update.group);
  const std::size_t pending_before = group.window.pending();
  const std::size_t firings_before = firings.size();
  Count(group.window.Apply(plan, update, firings));
  Settle(group, pending_before, firings_before, firings);
}

void WindowShard::Release(const WindowPlan& plan, Timestamp cutoff, std::vector<Firing>& firings) {
  const std::lock_guard lock(mutex_);
  // Backwards: a group that has nothing left gives its place to the last one.
  for (std::size_t i = waiting_.size(); i > 0; --i) {
    Group& group = *waiting_[i - 1];
    const std::size_t pending_before = group.window.pending();
    const std::size_t firings_before = firings.size();
    group.window.Release(plan, cutoff, firings);
    Settle(group, pending_before, firings_before, firings);
  }
}

void WindowShard::AddStatistics(WindowStatistics& sum) const {
  const std::lock_guard lock(mutex_);
  sum += statistics_;
  sum.groups += groups_.size();
}

WindowShard::Group& WindowShard::FindOrCreate(const WindowPlan& plan, const std::string& key) {
  const auto found = groups_.find(key);
  if (found != groups_.end()) {
    Group& group = *found->second;
    uses_.splice(uses_.begin(), uses_, group.use);
    return group;
  }
  if (groups_.size() >= max_groups_) EvictLeastRecentlyUsed();
  const auto made = groups_.emplace(key, nullptr).first;
  made->second = std::make_unique<Group>(plan, &made->first);
  Group& group = *made->second;
  group.use = uses_.insert(uses_.begin(), &group);
  return group;
}

void WindowShard::EvictLeastRecentlyUsed() {
  Group& group = *uses_.back();
  ++statistics_.dropped_groups;
  statistics_.dropped_events += group.window.pending();
  statistics_.pending -= group.window.pending();
  SetWaiting(group, false);
  uses_.pop_back();
  groups_.erase(groups_.find(*group.key));
}

void WindowShard::Count(Outcome outcome) {
  switch (outcome) {
    case Outcome::kApplied:
      ++statistics_.applied;
      break;
    case Outcome::kDuplicate:
      ++statistics_.duplicates;
      break;
    case Outcome::kLate:
      ++statistics_.late;
      break;
  }
}

void WindowShard::Settle(Group& group, std::size_t pending_before, std::size_t firings_before,
                         std::vector<Firing>& firings) {
  for (std::size_t i = firings_before; i < firings.size(); ++i) firings[i].group = *group.key;
  statistics_.pending = statistics_.pending - pending_before + group.window.pending();
  statistics_.dropped_events += group.window.TakeDropped();
  SetWaiting(group, group.window.pending() != 0);
}

void WindowShard::SetWaiting(Group& group, bool waits) {
  if (waits == (group.waiting != kNotWaiting)) return;
  if (waits) {
    group.waiting = waiting_.size();
    waiting_.push_back(&group);
    return;
  }
  waiting_[group.waiting] = waiting_.back();
  waiting_[group.waiting]->waiting = group.waiting;
  waiting_.pop_back();
  group.waiting = kNotWaiting;
}

RuleWindows::RuleWindows(WindowPlan plan) : plan_(std::move(plan)) {
  const std::size_t count = ShardCount(plan_.limits.max_groups);
  for (std::size_t i = 0; i < count; ++i) {
    shards_.push_back(std::make_unique<WindowShard>(plan_.limits.max_groups / count));
  }
}

void RuleWindows::Apply(const WindowUpdate& update, std::vector<Firing>& firings) {
  // The high bits: the shard's own table uses the others.
  const std::size_t shard =
      shards_.size() == 1 ? 0 : (SeededHash(update.group) >> 48U) % shards_.size();
  shards_[shard]->Apply(plan_, update, firings);
}

void RuleWindows::Release(Timestamp now, std::vector<Firing>& firings) {
  const Timestamp cutoff =
      now == kEndOfInput
          ? now
          : Timestamp::FromUnixNanos(SaturatingSubtract(now.unix_nanos(), plan_.lateness));
  for (const auto& shard : shards_) shard->Release(plan_, cutoff, firings);
}

void RuleWindows::AddStatistics(WindowStatistics& sum) const {
  for (const auto& shard : shards_) shard->AddStatistics(sum);
}

}  // namespace auditflow::correlate
