#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "auditflow/event/event.hpp"

#include "src/match/event_walk.hpp"
#include "src/match/field_engine.hpp"
#include "src/match/partition.hpp"
#include "src/match/value_memo.hpp"

namespace auditflow::match {

/// What is remembered of recent values, by field; null where nothing was asked yet.
using FieldMemos = std::vector<std::unique_ptr<ValueMemo>>;

/// Made where there was none.
inline ValueMemo& MemoAt(FieldMemos& memos, FieldId field) {
  std::unique_ptr<ValueMemo>& memo = memos[field];
  if (!memo) memo = std::make_unique<ValueMemo>();
  return *memo;
}

/// Some rules that are looked at together, as one thread sees them.
struct PartitionMemory {
  const Partition* partition = nullptr;
  std::size_t number = 0;         ///< of no other partition of the rule set
  FieldMemos memos;               ///< as many as there are fields
  std::vector<FieldId> read_too;  ///< fields of which no rule asks, but the values count
};

/// What a partition asks of every event with one layout.
struct PartitionPlan {
  struct Look {
    std::uint32_t member = 0;  ///< into Event::members
    FieldId field = 0;
    const FieldEngine* engine = nullptr;
    ValueMemo* memo = nullptr;
    ValueMemo::Entry* latest = nullptr;  ///< of the memo: what was looked up last
  };
  std::vector<Look> looks;
  std::vector<Look> reads;      ///< of the fields that are read, too; without an engine
  std::vector<RuleSlot> slots;  ///< worth evaluating whatever the fields hold
};

/// Where every field of the events with one layout stands. Has each field once: what stands in
/// arrays is not told by a layout.
///
/// Thread safety: thread-compatible.
class LayoutPlan {
 public:
  static constexpr std::uint32_t kNowhere = 0xFFFFFFFFU;

  struct Place {
    FieldId field = 0;
    std::uint32_t member = 0;  ///< into Event::members
  };

  LayoutPlan() = default;
  /// `event`: one that has the layout.
  LayoutPlan(const event::Event& event, EventWalk& walk);

  [[nodiscard]] std::uint64_t layout() const { return layout_; }
  /// Whether the plan tells all fields of the event, which has its layout: not if there are further
  /// ones in its arrays.
  [[nodiscard]] bool Fits(const event::Event& event) const {
    return tells_all_ &&
           std::none_of(may_open_.begin(), may_open_.end(), [&](std::uint32_t member) {
             return event::Value(event.root().tape(), event.members()[member]).is_array();
           });
  }

  [[nodiscard]] const std::vector<Place>& places() const { return places_; }
  /// Into Event::members; kNowhere if the events do not have the field.
  [[nodiscard]] std::uint32_t MemberOf(FieldId field) const {
    const auto place =
        std::lower_bound(by_field_.begin(), by_field_.end(), field,
                         [](const Place& known, FieldId wanted) { return known.field < wanted; });
    return place == by_field_.end() || place->field != field ? kNowhere : place->member;
  }

  /// Made at the first call for a partition. Valid as long as this and the memory.
  PartitionPlan& PlanFor(PartitionMemory& memory) {
    for (const Known& known : plans_) {
      if (known.partition == memory.number) return *known.plan;
    }
    return Add(memory);
  }

 private:
  PartitionPlan& Add(PartitionMemory& memory);
  [[nodiscard]] PartitionPlan MakePlan(PartitionMemory& memory) const;

  std::uint64_t layout_ = 0;
  bool tells_all_ = false;
  std::vector<Place> places_;
  std::vector<Place> by_field_;
  std::vector<std::uint32_t> may_open_;  ///< members below which are fields, should they be arrays
  struct Known {
    std::size_t partition = 0;
    std::unique_ptr<PartitionPlan> plan;
  };
  std::vector<Known> plans_;
};

/// The plans for the layouts of recent events. Bounded. Thread safety: thread-compatible.
class LayoutPlans {
 public:
  explicit LayoutPlans(const FieldIndex& fields) : walk_(fields) {}

  /// @return null if the event has no layout, or fields that its layout does not tell. Valid until
  /// the next call.
  LayoutPlan* Find(const event::Event& event) {
    const std::uint64_t layout = event.layout();
    if (layout == 0) return nullptr;
    LayoutPlan& known = known_[layout % known_.size()];
    if (known.layout() != layout) known = LayoutPlan(event, walk_);
    return known.Fits(event) ? &known : nullptr;
  }

 private:
  EventWalk walk_;
  std::array<LayoutPlan, 1024> known_;
};

}  // namespace auditflow::match
