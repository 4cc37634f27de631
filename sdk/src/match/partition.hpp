#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "src/match/atom_table.hpp"
#include "src/match/field_engine.hpp"
#include "src/match/field_index.hpp"
#include "src/match/keyword_filter.hpp"
#include "src/match/trigger_table.hpp"

namespace auditflow::match {

/// The engines of the rules that are looked at together: one for each field that they mention.
///
/// Thread safety: immutable after construction.
class Partition {
 public:
  Partition(std::span<const RulePlan> rules, const AtomTable& atoms, const LiteralCounts& counts,
            FieldIndex& fields);

  struct Field {
    FieldEngine engine;
    std::vector<RuleSlot> when_present;  ///< to be evaluated if the field is there
  };

  /// @return null if no rule here asks about the field.
  [[nodiscard]] const Field* field(FieldId id) const {
    return id < field_of_.size() ? field_of_[id] : nullptr;
  }
  /// For every scalar leaf of the event; null if no rule here searches for keywords.
  [[nodiscard]] const FieldEngine* keywords() const { return keywords_.get(); }
  /// Rules out the events for which no answer of `keywords` can matter.
  [[nodiscard]] const KeywordFilter& keyword_filter() const { return keyword_filter_; }

  /// Whether the answers to all rules follow from which fields are there and from the values of
  /// those that an engine asks about, once no keyword may hold.
  [[nodiscard]] bool follows_from_values() const { return follows_from_values_; }

  /// The rules that are evaluated for every event.
  [[nodiscard]] std::span<const RuleSlot> always() const { return always_; }
  /// Those that are evaluated if an atom holds.
  [[nodiscard]] std::span<const RuleSlot> TriggeredBy(AtomId atom) const {
    return triggers_.TriggeredBy(atom);
  }

 private:
  void BuildEngines(std::span<const RulePlan> rules, const AtomTable& atoms,
                    const LiteralCounts& counts, FieldIndex& fields);

  [[nodiscard]] std::unique_ptr<const Field> BuildField(std::span<const AtomId> field_atoms,
                                                        const AtomTable& atoms,
                                                        const LiteralCounts& counts) const;

  TriggerTable triggers_;
  std::vector<std::unique_ptr<const Field>> fields_;
  std::vector<const Field*> field_of_;  ///< by id
  std::unique_ptr<const FieldEngine> keywords_;
  KeywordFilter keyword_filter_;
  std::vector<RuleSlot> always_;
  bool follows_from_values_ = false;
};

}  // namespace auditflow::match
