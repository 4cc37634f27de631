#include "src/match/layout_plan.hpp"

#include <algorithm>
#include <span>

namespace auditflow::match {
namespace {

void SortOnce(std::vector<RuleSlot>& slots) {
  std::sort(slots.begin(), slots.end());
  slots.erase(std::unique(slots.begin(), slots.end()), slots.end());
}

}  // namespace

LayoutPlan::LayoutPlan(const event::Event& event, EventWalk& walk) : layout_(event.layout()) {
  const std::span<const std::uint32_t> members = event.members();
  const auto member_at = [&](event::Value value) {
    return static_cast<std::uint32_t>(
        std::lower_bound(members.begin(), members.end(), value.index()) - members.begin());
  };
  const auto found = [&](FieldId field, event::Value value) {
    places_.push_back({field, member_at(value)});
  };
  const auto enter = [&](event::Value value) {
    if (!value.is_object()) may_open_.push_back(member_at(value));
    return value.is_object();
  };
  walk.Visit(event, found, enter);
  by_field_ = places_;
  std::sort(by_field_.begin(), by_field_.end(),
            [](const Place& a, const Place& b) { return a.field < b.field; });
  tells_all_ =
      std::adjacent_find(by_field_.begin(), by_field_.end(), [](const Place& a, const Place& b) {
        return a.field == b.field;
      }) == by_field_.end();
}

PartitionPlan& LayoutPlan::Add(PartitionMemory& memory) {
  plans_.push_back({memory.number, std::make_unique<PartitionPlan>(MakePlan(memory))});
  return *plans_.back().plan;
}

PartitionPlan LayoutPlan::MakePlan(PartitionMemory& memory) const {
  PartitionPlan plan;
  const Partition& partition = *memory.partition;
  plan.slots.assign(partition.always().begin(), partition.always().end());
  for (const Place& place : places_) {
    const Partition::Field* field = partition.field(place.field);
    if (field != nullptr) {
      plan.slots.insert(plan.slots.end(), field->when_present.begin(), field->when_present.end());
    }
    if (field != nullptr && field->engine.AsksOfScalars()) {
      plan.looks.push_back(
          {place.member, place.field, &field->engine, &MemoAt(memory.memos, place.field), nullptr});
    } else if (std::find(memory.read_too.begin(), memory.read_too.end(), place.field) !=
               memory.read_too.end()) {
      plan.reads.push_back(
          {place.member, place.field, nullptr, &MemoAt(memory.memos, place.field), nullptr});
    }
  }
  SortOnce(plan.slots);
  return plan;
}

}  // namespace auditflow::match
