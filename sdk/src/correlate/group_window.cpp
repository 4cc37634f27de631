#include "src/correlate/group_window.hpp"

#include <algorithm>
#include <utility>

#include "src/core/saturate.hpp"

namespace auditflow::correlate {

GroupWindow::GroupWindow(const WindowPlan& plan) : aggregate_(NewAggregate(plan)) {}

Outcome GroupWindow::Apply(const WindowPlan& plan, const WindowUpdate& update,
                           std::vector<Firing>& firings) {
  const Entry entry{update.time.unix_nanos(), {update.event_id, update.origin}};
  const bool by_clock = WaitsForClock(plan, update);
  if (entry.time < evaluated_ || (!by_clock && entry.time < Watermark(plan))) {
    return ids_.Contains(entry.identity) ? Outcome::kDuplicate : Outcome::kLate;
  }
  if (!ids_.Insert(entry.identity)) return Outcome::kDuplicate;
  newest_ = std::max(newest_, entry.time);
  if (plan.lateness == 0) {
    Evaluate(plan, entry, {update.slots, &update.value}, {update.arrival, &update.payload},
             firings);
  } else {
    Enqueue(plan, update);
    const std::int64_t watermark = by_clock ? kNever : Watermark(plan);
    while (std::get<0>(pending_.begin()->first) < watermark) EvaluateOldest(plan, firings);
  }
  KeepWithinLimit(plan, firings);
  return Outcome::kApplied;
}

void GroupWindow::Release(const WindowPlan& plan, Timestamp cutoff, std::vector<Firing>& firings) {
  std::size_t count = 0;
  std::size_t position = 0;
  for (const auto& [order, event] : pending_) {
    ++position;
    // Not what arrived at the cutoff itself: an event of the same time may still come in time.
    if (event.arrival < cutoff || cutoff == kEndOfInput) count = position;
  }
  for (; count > 0; --count) EvaluateOldest(plan, firings);
}

std::uint64_t GroupWindow::TakeDropped() { return std::exchange(dropped_, 0); }

bool GroupWindow::WaitsForClock(const WindowPlan& plan, const WindowUpdate& update) {
  return plan.spec.level > 1 && plan.lateness > 0 && update.arrival != Timestamp();
}

std::int64_t GroupWindow::Watermark(const WindowPlan& plan) const {
  return SaturatingSubtract(newest_, plan.lateness);
}

void GroupWindow::Enqueue(const WindowPlan& plan, const WindowUpdate& update) {
  const std::uint64_t tie = plan.ordered() ? arrivals_++ : 0;
  pending_.emplace_hint(
      pending_.end(),
      Order{update.time.unix_nanos(), tie, Identity{update.event_id, update.origin}},
      Pending{update.arrival, update.slots, update.value, update.payload});
}

void GroupWindow::EvaluateOldest(const WindowPlan& plan, std::vector<Firing>& firings) {
  const auto node = pending_.extract(pending_.begin());
  const auto& [time, tie, identity] = node.key();
  const Pending& event = node.mapped();
  Evaluate(plan, {time, identity}, {event.slots, &event.value}, {event.arrival, &event.payload},
           firings);
}

void GroupWindow::Evaluate(const WindowPlan& plan, const Entry& entry, const Sample& sample,
                           const Message& message, std::vector<Firing>& firings) {
  evaluated_ = std::max(evaluated_, entry.time);
  Advance(plan, entry.time);
  if (held_ && !Holds(plan)) held_ = false;
  log_.push_back(entry);
  aggregate_->Add(sample);
  const bool holds = Holds(plan);
  if (holds && (!held_ || plan.spec.repeat == Repeat::kEvery)) {
    firings.push_back(MakeFiring(plan, entry, message));
  }
  held_ = holds;
}

/// Lets out what is no longer in the window of `now`, and forgets ids that no admissible duplicate
/// can have.
void GroupWindow::Advance(const WindowPlan& plan, std::int64_t now) {
  const std::int64_t start = SaturatingSubtract(now, plan.timespan);
  while (expired_ < log_.size() && log_[expired_].time <= start) ExpireOldest();
  const std::int64_t memory = SaturatingSubtract(start, plan.lateness);
  while (expired_ > 0 && log_.front().time <= memory) Forget();
}

void GroupWindow::ExpireOldest() {
  aggregate_->RemoveOldest();
  ++expired_;
}

void GroupWindow::Forget() {
  // In a large window what comes next is in no cache by now.
  constexpr std::size_t kAhead = 4;
  if (log_.size() > kAhead) ids_.Prefetch(log_[kAhead].identity);
  ids_.Erase(log_.front().identity);
  log_.pop_front();
  --expired_;
}

/// Room is made first of what is only remembered, then of the window; events that wait are
/// evaluated early when there is nothing else left.
void GroupWindow::KeepWithinLimit(const WindowPlan& plan, std::vector<Firing>& firings) {
  while (log_.size() + pending_.size() > plan.limits.max_events_per_group) {
    if (log_.empty()) EvaluateOldest(plan, firings);
    if (expired_ == 0) {
      ExpireOldest();
      ++dropped_;
    }
    Forget();
  }
}

bool GroupWindow::Holds(const WindowPlan& plan) const {
  return expired_ < log_.size() && aggregate_->Holds(plan);
}

Firing GroupWindow::MakeFiring(const WindowPlan& plan, const Entry& entry,
                               const Message& message) const {
  Firing firing;
  firing.event_id = entry.identity.id;
  firing.time = Timestamp::FromUnixNanos(entry.time);
  firing.arrival = message.arrival;
  firing.payload = *message.payload;
  firing.value = aggregate_->Value();
  firing.events = log_.size() - expired_;
  firing.first_time = Timestamp::FromUnixNanos(log_[expired_].time);
  const std::size_t count = std::min<std::size_t>(firing.events, plan.limits.max_contributors);
  for (std::size_t i = log_.size() - count; i < log_.size(); ++i) {
    firing.contributors.push_back(log_[i].identity.id);
  }
  return firing;
}

}  // namespace auditflow::correlate
