#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "src/match/atom_table.hpp"
#include "src/match/field_engine.hpp"
#include "src/match/field_index.hpp"
#include "src/match/formula.hpp"
#include "src/match/keyword_filter.hpp"

namespace auditflow::match {

/// A compiled rule's place within its rule set.
using RuleSlot = std::uint32_t;

/// What compiling has found out about one rule.
struct RulePlan {
  RuleSlot slot = 0;
  const Formula* formula = nullptr;
  /// See SelectTriggers.
  const std::optional<std::vector<AtomId>>* triggers = nullptr;
};

/// The engines of the rules that are looked at together: one for each field that they mention.
///
/// Thread safety: immutable after construction.
class Partition {
 public:
  Partition(std::span<const RulePlan> rules, const AtomTable& atoms, FieldIndex& fields);

  /// @return null if no rule here asks about the field.
  [[nodiscard]] const FieldEngine* engine(FieldId field) const {
    return field < engine_of_.size() ? engine_of_[field] : nullptr;
  }
  /// For every scalar leaf of the event; null if no rule here searches for keywords.
  [[nodiscard]] const FieldEngine* keywords() const { return keywords_.get(); }
  /// Rules out the events for which no answer of `keywords` can matter.
  [[nodiscard]] const KeywordFilter& keyword_filter() const { return keyword_filter_; }

  /// The rules that are evaluated for every event.
  [[nodiscard]] std::span<const RuleSlot> always() const { return always_; }

 private:
  void BuildEngines(std::span<const RulePlan> rules, const AtomTable& atoms, FieldIndex& fields);

  std::vector<std::unique_ptr<const FieldEngine>> engines_;
  std::vector<const FieldEngine*> engine_of_;  ///< by field
  std::unique_ptr<const FieldEngine> keywords_;
  KeywordFilter keyword_filter_;
  std::vector<RuleSlot> always_;
};

}  // namespace auditflow::match
