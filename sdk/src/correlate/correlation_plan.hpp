#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "auditflow/correlate/correlator.hpp"
#include "auditflow/correlate/window_store.hpp"
#include "auditflow/sigma/link.hpp"

namespace auditflow::correlate {

/// Where one referenced rule's observations have the fields of a correlation.
struct SlotFields {
  std::vector<std::string> group;  ///< paths, in the order of group-by
  std::vector<std::string> value;  ///< paths, in the order of the condition's fields
  friend bool operator==(const SlotFields&, const SlotFields&) = default;
};

/// One correlation, ready to be fed.
struct CorrelationPlan {
  std::uint32_t correlation = 0;  ///< index into `LinkedRules::rules.correlations`
  std::uint32_t level = 1;        ///< 1: over detections only
  std::uint32_t spec = 0;         ///< index into the specs of its level
  bool counts_values = false;     ///< value_count
  std::vector<SlotFields> slots;
  bool uniform = true;  ///< all slots have the same fields
};

/// A place where a rule's matches go.
struct Feed {
  std::uint32_t plan = 0;
  std::uint32_t slot = 0;
  // NOLINTNEXTLINE(modernize-use-nullptr): clang-tidy 14 misreads the defaulted operator
  friend auto operator<=>(const Feed&, const Feed&) = default;
};

struct CorrelationPlans {
  std::vector<CorrelationPlan> plans;
  std::vector<std::vector<WindowSpec>> specs;            ///< per level, from level 1
  std::vector<std::vector<std::uint32_t>> plan_of_spec;  ///< per level and spec
  std::vector<std::vector<Feed>> detection_feeds;        ///< per detection
  std::vector<std::vector<Feed>> correlation_feeds;      ///< per correlation
};

/// Errors as for `Correlator::Create`.
Result<CorrelationPlans> PlanCorrelations(const sigma::LinkedRules& rules,
                                          const CorrelatorOptions& options);

/// Where the matches of one of a correlation's references have its fields.
SlotFields SlotFieldsOf(const sigma::LinkedRules& rules, std::uint32_t correlation,
                        std::uint32_t reference);

/// FNV-1a: the same in every process.
std::uint32_t StableHash(std::string_view text, std::uint32_t hash = 2166136261U);

}  // namespace auditflow::correlate
