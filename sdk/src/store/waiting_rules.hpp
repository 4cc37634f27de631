#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>

#include "auditflow/store/archived_event.hpp"

namespace auditflow::store {

/// Rules of events that are still to come; see `EventStore::AddRules`.
///
/// Thread safety: thread-compatible.
class WaitingRules {
 public:
  /// Beyond `kMaxWaitingRules` the oldest is forgotten.
  void Add(const LaterRule& rule);
  /// Those of `event` become its own.
  void MoveTo(ArchivedEvent& event);
  void DropBefore(Timestamp day);

 private:
  using Key = std::tuple<Uuid, Timestamp, std::string>;
  using Rules = std::map<Key, std::uint64_t>;

  Rules::iterator Erase(Rules::iterator rule);

  Rules rules_;                                      ///< with their place in `by_age_`
  std::map<std::uint64_t, Rules::iterator> by_age_;  ///< the oldest first
  std::uint64_t next_ = 0;
};

/// Behind the others, unless it has it.
void AddRule(const std::string& rule_id, ArchivedEvent& event);

}  // namespace auditflow::store
