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
#include "src/match/router.hpp"
#include "src/match/serial_memo.hpp"

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
  /// After that: a number that no event has which goes elsewhere; 0: there is none.
  [[nodiscard]] std::uint64_t destination() const { return destination_; }

 private:
  struct Destination {
    std::uint64_t number = 0;
    std::vector<std::uint32_t> partitions;
    std::vector<CountingAlias> aliases;
  };

  std::span<const std::uint32_t> ChoosePlanned(EventAnswers& answers);
  void AskMap(EventAnswers& answers);
  void Activate(std::uint32_t partition);
  const std::vector<std::uint32_t>& StatedPartitions(const Router::Route& route,
                                                     const EventAnswers& answers);

  const CompiledRules& rules_;
  PartitionMemory memory_;
  Nominations nominated_;
  SerialMemo<Destination> memo_;
  std::uint64_t destination_ = 0;
  std::uint64_t last_destination_ = 0;
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
