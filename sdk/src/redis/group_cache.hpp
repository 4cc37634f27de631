#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "auditflow/core/clock.hpp"
#include "auditflow/correlate/window_group.hpp"

#include "src/redis/group_replica.hpp"

namespace auditflow::redis {

using GroupName = std::pair<std::uint32_t, std::string>;  ///< index of the rule, group

/// This process's copies of groups. A copy may go at any time, for Redis has the group; those go
/// that nobody used for longer than their windows reach back, and those that are too many.
///
/// Thread safety: thread-compatible. The clock must outlive it.
class GroupCache {
 public:
  struct Group {
    GroupReplica replica;
    Duration refresh_at{0};  ///< monotonic; until then Redis keeps the group for long enough
  };

  GroupCache(std::uint64_t owner, const Clock& clock) : owner_(owner), clock_(clock) {}

  /// The rule of the next index, with at most so many groups. An event that is neither early nor
  /// late finds a window empty that nothing came to for `reach`.
  void AddRule(std::shared_ptr<const correlate::WindowRule> rule, std::size_t max_groups,
               Duration reach);
  /// A new copy is empty. Valid until the next `Trim`.
  Group& FindOrCreate(const GroupName& name);
  void Trim();

  [[nodiscard]] std::size_t size() const { return groups_.size(); }
  /// Events that wait in all of them.
  [[nodiscard]] std::size_t pending() const;

 private:
  struct Use {
    GroupName name;
    Duration at;
  };
  using Uses = std::list<Use>;
  struct Rule {
    std::shared_ptr<const correlate::WindowRule> rule;
    std::size_t max_groups;
    Duration max_idle;
    Uses uses;  // the most recent first
  };
  struct Entry {
    Group group;
    Uses::iterator use;
  };

  const std::uint64_t owner_;
  const Clock& clock_;
  std::vector<Rule> rules_;
  std::map<GroupName, Entry> groups_;
};

}  // namespace auditflow::redis
