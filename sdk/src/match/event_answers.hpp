#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "auditflow/event/event.hpp"

#include "src/match/alias_reader.hpp"
#include "src/match/compiled_rules.hpp"
#include "src/match/event_walk.hpp"
#include "src/match/field_values.hpp"
#include "src/match/layout_plan.hpp"
#include "src/match/nominations.hpp"
#include "src/match/rule_program.hpp"
#include "src/match/scalar_view.hpp"
#include "src/match/value_memo.hpp"

namespace auditflow::match {

/// A field under whose other name the events of a layout have a value.
struct CountingAlias {
  const FieldMapper::Alias* alias = nullptr;
  LayoutPlan::Place source;
};

/// The answers that one event gives to the atoms: eager ones for a partition at a time, lazy ones
/// when a program asks.
///
/// Thread safety: thread-compatible.
class EventAnswers {
 public:
  explicit EventAnswers(const CompiledRules& rules);

  /// Finds the event's fields; no atom is answered yet. The event must live until the next call.
  void Begin(const event::Event& event);
  /// Null if not all fields follow from the event's layout: then it was walked.
  [[nodiscard]] LayoutPlan* plan() const { return plan_; }
  /// Before a new row of calls of `Remember`.
  void ForgetRemembered() { remembering_.Clear(); }
  /// Of an event with a plan: looks up what is remembered of the values that the partition asks
  /// about, and appends their serials (`ValueMemo::Entry`).
  /// @return false if not all answers follow from these.
  bool Remember(PartitionMemory& memory, std::vector<std::uint64_t>& serials);
  /// As `Answer`, from what `Remember` has found. Both are called for the same partitions in the
  /// same order, without anything between.
  void AnswerRemembered(PartitionMemory& memory, Nominations& nominations);

  /// Gives values to the fields that the event has under another name, and forgets every answer.
  /// `holds(route)` says which documents of the logsource map hold for the event.
  template <class Holds>
  void MapFields(const FieldMapper& mapper, Holds&& holds) {
    aliases_.Begin(*event_, values_);
    for (const FieldValues::Found& found : values_.added()) {
      for (const FieldMapper::Alias& alias : mapper.AliasesOf(found.field)) {
        if (aliases_.Counts(alias) && holds(alias.route)) aliases_.Read(alias, found);
      }
    }
    AddMapped();
  }
  /// Of an event with a plan: which names of the map count.
  template <class Holds>
  [[nodiscard]] std::vector<CountingAlias> AliasesThatCount(const FieldMapper& mapper,
                                                            Holds&& holds) {
    std::vector<CountingAlias> counting;
    aliases_.Begin(*event_, values_);
    for (const LayoutPlan::Place& place : plan_->places()) {
      for (const FieldMapper::Alias& alias : mapper.AliasesOf(place.field)) {
        if (aliases_.Counts(alias) && holds(alias.route)) counting.push_back({&alias, place});
      }
    }
    return counting;
  }
  /// The first with those that count.
  void MapFields(std::span<const CountingAlias> counting);
  /// Answers every eager atom of the partition's rules, and nominates those that this concerns.
  void Answer(PartitionMemory& memory, Nominations& nominations);

  /// Runs a program over the answers.
  [[nodiscard]] bool Holds(std::uint32_t program);

  [[nodiscard]] const FieldValues& values() const { return values_; }
  [[nodiscard]] const event::Event& event() const { return *event_; }

 private:
  void AddMapped();
  void AnswerPlanned(PartitionMemory& memory, Nominations& nominations);
  void AnswerAdded(PartitionMemory& memory, Nominations& nominations);
  [[nodiscard]] bool MayHoldKeywords(const Partition& partition) const;
  void AnswerKeywords(const Partition& partition, Nominations& nominations);
  /// What is remembered of the value that a field of the event at hand has.
  struct Remembered {
    std::uint64_t pass = 0;
    const event::Tape* tape = nullptr;  ///< of the value, which a field map may have made
    std::uint32_t index = 0;
    ValueMemo::Entry* entry = nullptr;
  };

  static void FindOut(const Partition& partition, const FieldEngine& engine, ScalarView& scalar,
                      ValueMemo::Findings& findings);
  ValueMemo::Entry* EntryOf(const Partition& partition, PartitionPlan::Look& look,
                            event::Value scalar);
  void Use(ValueMemo::Entry& entry, FieldId field, event::Value scalar, Nominations& nominations);
  void LookAt(const Partition& partition, PartitionPlan::Look& look, event::Value scalar,
              Nominations& nominations);
  void Search(const Partition& partition, const FieldEngine& engine, event::Value scalar,
              Nominations& nominations);
  [[nodiscard]] bool AnswerLazy(std::uint32_t lazy);
  [[nodiscard]] bool AskLazy(std::uint32_t lazy);
  [[nodiscard]] bool AskScalar(std::uint32_t lazy, FieldId field, event::Value scalar);
  /// Through the values that were found, for they may have come from a field map.
  [[nodiscard]] bool AskRelation(const RelatesToField& relation, FieldId other,
                                 event::Value scalar) const;

  const CompiledRules& rules_;
  EventWalk walk_;
  LayoutPlans plans_;
  const event::Event* event_ = nullptr;
  LayoutPlan* plan_ = nullptr;  ///< null: the event was walked
  FieldValues values_;
  AtomBits bits_;
  ScalarView scalar_;
  std::vector<AtomId> holding_;
  std::vector<Remembered> remembered_;  ///< by field
  /// What `Remember` has found: a partition after the other.
  struct Remembering {
    std::vector<ValueMemo::Entry*> entries;  ///< null: not remembered
    std::vector<std::uint8_t> may_hold_keywords;
    std::size_t next_entry = 0;
    std::size_t next_partition = 0;

    void Clear() {
      entries.clear();
      may_hold_keywords.clear();
      next_entry = next_partition = 0;
    }
  };
  Remembering remembering_;
  AliasReader aliases_;
  FieldMemos lazy_memos_;
  // What belongs to the event at hand carries its number, so that nothing has to be cleared.
  std::uint64_t pass_ = 0;
  std::vector<std::uint64_t> lazy_known_;
  std::vector<bool> lazy_answers_;
};

}  // namespace auditflow::match
