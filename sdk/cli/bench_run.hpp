#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "auditflow/match/rule_set.hpp"

#include "cli/bench_lane.hpp"

namespace auditflow::cli {

struct BenchOptions {
  std::size_t rounds = 5;   ///< of which medians are taken
  std::size_t threads = 1;  ///< more than one: also how much faster these are than one
};

/// What one lane measured. Speeds are medians over the rounds.
struct BenchResult {
  std::uint64_t matches = 0;  ///< of one pass over the lane
  /// One core: parsing and matching, by processor time.
  double events_per_second = 0;
  double bytes_per_second = 0;
  /// Processor time of the plain walk to that of parsing and matching, each round's by itself.
  double ratio = 0;
  /// By wall clock, all threads together; and how many times that is what one of them reaches.
  std::optional<double> threaded_events_per_second;
  std::optional<double> speed_up;
  std::uint64_t peak_bytes = 0;  ///< resident memory of the process while the lane ran; 0: unknown
};

/// Runs the lane's events through the plain walk and through the rules in turns, so that what
/// disturbs the machine disturbs both.
BenchResult RunLane(const BenchLane& lane, const std::shared_ptr<const match::RuleSet>& rules,
                    const BenchOptions& options);

}  // namespace auditflow::cli
