#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string_view>
#include <vector>

#include "auditflow/event/event.hpp"

#include "src/match/compiled_rules.hpp"
#include "src/match/event_answers.hpp"
#include "src/match/layout_plan.hpp"
#include "src/match/nominations.hpp"
#include "src/match/route_memo.hpp"
#include "src/match/router.hpp"

namespace auditflow::match {

/// Chooses the partitions whose rules apply to an event.
///
/// Thread safety: thread-compatible.
class EventRouting {
 public:
  explicit EventRouting(const CompiledRules& rules);

  /// For the event that `answers` has begun with, whose fields get the names of the logsource map.
  /// @return each partition once; valid until the next call.
  std::span<const std::uint32_t> Choose(EventAnswers& answers);

 private:
  void AskMap(EventAnswers& answers);
  void Activate(std::uint32_t partition);
  const std::vector<std::uint32_t>& StatedPartitions(const Router::Route& route,
                                                     const EventAnswers& answers);

  const CompiledRules& rules_;
  PartitionMemory memory_;
  Nominations nominated_;
  RouteMemo memo_;
  std::vector<std::uint64_t> values_;
  // What belongs to the event at hand carries its number, so that nothing has to be cleared.
  std::uint64_t pass_ = 0;
  std::vector<std::uint64_t> route_holds_;  ///< by route
  std::vector<std::uint64_t> activated_;    ///< by partition
  std::vector<std::uint32_t> active_;
  LogsourceKey stated_key_;
  std::map<LogsourceKey, std::vector<std::uint32_t>> stated_partitions_;
};

}  // namespace auditflow::match
