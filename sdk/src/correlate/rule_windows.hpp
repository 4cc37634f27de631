#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "auditflow/correlate/window_store.hpp"

#include "src/core/seeded_hash.hpp"
#include "src/correlate/aggregate.hpp"
#include "src/correlate/group_window.hpp"

namespace auditflow::correlate {

/// Some of a rule's groups behind one lock, the most recently used first.
///
/// Thread safety: thread-safe.
class WindowShard {
 public:
  /// `max_groups`: at least one.
  explicit WindowShard(std::size_t max_groups) : max_groups_(max_groups) {}

  void Apply(const WindowPlan& plan, const WindowUpdate& update, std::vector<Firing>& firings);
  void Release(const WindowPlan& plan, Timestamp cutoff, std::vector<Firing>& firings);
  void AddStatistics(WindowStatistics& sum) const;

 private:
  struct Group {
    Group(const WindowPlan& plan, const std::string* group_key) : window(plan), key(group_key) {}
    GroupWindow window;
    const std::string* key;  // in `groups_`
    std::list<Group*>::iterator use;
    std::size_t waiting = kNotWaiting;  // place in `waiting_`
  };

  static constexpr std::size_t kNotWaiting = ~std::size_t{0};

  Group& FindOrCreate(const WindowPlan& plan, const std::string& key);
  void EvictLeastRecentlyUsed();
  void Count(Outcome outcome);
  /// After a change of `group`: names it in the new firings and keeps the books.
  void Settle(Group& group, std::size_t pending_before, std::size_t firings_before,
              std::vector<Firing>& firings);
  void SetWaiting(Group& group, bool waits);

  mutable std::mutex mutex_;
  std::size_t max_groups_;
  std::unordered_map<std::string, std::unique_ptr<Group>, SeededStringHash, std::equal_to<>>
      groups_;
  std::list<Group*> uses_;
  std::vector<Group*> waiting_;  // groups with pending events, in no order
  WindowStatistics statistics_;  // `groups` apart
};

/// All windows of one rule.
///
/// Thread safety: thread-safe.
class RuleWindows {
 public:
  explicit RuleWindows(WindowPlan plan);

  /// Firings are appended with everything set but `spec`.
  void Apply(const WindowUpdate& update, std::vector<Firing>& firings);
  void Release(Timestamp now, std::vector<Firing>& firings);
  void AddStatistics(WindowStatistics& sum) const;
  [[nodiscard]] const WindowPlan& plan() const { return plan_; }

 private:
  WindowPlan plan_;
  std::vector<std::unique_ptr<WindowShard>> shards_;
};

}  // namespace auditflow::correlate
