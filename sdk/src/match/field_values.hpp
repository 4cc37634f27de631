#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "auditflow/event/event.hpp"
#include "auditflow/event/value.hpp"

#include "src/match/field_index.hpp"
#include "src/match/layout_plan.hpp"

namespace auditflow::match {

/// Where the fields of the event at hand were found: one value each as a rule, several below
/// arrays. Of an event with a plan they are read from there, and only those that a field map adds
/// are kept here.
///
/// Thread safety: thread-compatible.
class FieldValues {
 public:
  struct Found {
    FieldId field = 0;
    event::Value value;
    bool is_first = false;       ///< of its field
    std::uint32_t previous = 0;  ///< the field's value before this one, if it is not the first
  };

  explicit FieldValues(std::size_t fields) : last_(fields) {}

  /// Forgets the event before. `pass` numbers events from 1. `plan` fits the event; null: what the
  /// event has is added. Both must live until the next call.
  void Begin(std::uint64_t pass, const event::Event& event, const LayoutPlan* plan) {
    pass_ = pass;
    plan_ = plan;
    tape_ = event.root().tape();
    members_ = event.members().data();
    found_.clear();
  }

  void Add(FieldId field, event::Value value) {
    Last& last = last_[field];
    const bool is_first = last.pass != pass_;
    found_.push_back({field, value, is_first, last.at});
    last = {pass_, static_cast<std::uint32_t>(found_.size() - 1)};
  }

  /// Takes away the field's values; those of a plan, only if others are added.
  void Remove(FieldId field) {
    std::erase_if(found_, [field](const Found& found) { return found.field == field; });
    last_[field].pass = 0;
    for (std::uint32_t at = 0; at < found_.size(); ++at) {
      Found& found = found_[at];
      if (!found.is_first) found.previous = last_[found.field].at;
      last_[found.field].at = at;
    }
  }

  [[nodiscard]] bool Has(FieldId field) const { return WasAdded(field) || IsPlanned(field); }

  /// Those that were added, in that order.
  [[nodiscard]] const std::vector<Found>& added() const { return found_; }
  /// Whether any was: then they count in the place of those of the plan.
  [[nodiscard]] bool WasAdded(FieldId field) const { return last_[field].pass == pass_; }

  /// Of a member of the event's plan.
  [[nodiscard]] event::Value ValueAt(std::uint32_t member) const {
    return {tape_, members_[member]};
  }

  /// Calls `visit(Value)` for each of the field's values, the last one first.
  template <class Visit>
  void ForEach(FieldId field, Visit&& visit) const {
    if (!WasAdded(field)) {
      if (IsPlanned(field)) visit(ValueAt(plan_->MemberOf(field)));
      return;
    }
    for (std::uint32_t at = last_[field].at;; at = found_[at].previous) {
      visit(found_[at].value);
      if (found_[at].is_first) return;
    }
  }

 private:
  struct Last {
    std::uint64_t pass = 0;
    std::uint32_t at = 0;
  };

  [[nodiscard]] bool IsPlanned(FieldId field) const {
    return plan_ != nullptr && plan_->MemberOf(field) != LayoutPlan::kNowhere;
  }

  std::uint64_t pass_ = 0;
  const LayoutPlan* plan_ = nullptr;
  const event::Tape* tape_ = nullptr;
  const std::uint32_t* members_ = nullptr;
  std::vector<Last> last_;  ///< by field
  std::vector<Found> found_;
};

}  // namespace auditflow::match
