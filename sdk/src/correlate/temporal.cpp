#include "src/correlate/temporal.hpp"

#include <cstddef>

namespace auditflow::correlate {
namespace {

constexpr std::int64_t kNone = -1;

/// The first occurrence after event number `after`, or kNone.
std::int64_t FirstAfter(const Ring<std::int64_t>& occurrences, std::int64_t after) {
  std::size_t low = 0;
  std::size_t high = occurrences.size();
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    if (occurrences[middle] > after) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low < occurrences.size() ? occurrences[low] : kNone;
}

}  // namespace

void Temporal::Add(const Sample& sample) {
  for (const std::uint32_t slot : sample.slots) newest_[slot] = next_;
  ++next_;
}

double Temporal::Value() {
  std::uint32_t seen = 0;
  for (std::uint32_t slot = 0; slot < newest_.size(); ++slot) seen += Seen(slot) ? 1 : 0;
  return seen;
}

bool Temporal::Holds(const WindowPlan& plan) {
  if (plan.slot_condition) {
    return plan.slot_condition->Holds([this](std::uint32_t slot) { return Seen(slot); }) &&
           (plan.spec.condition.empty() || Aggregate::Holds(plan));
  }
  if (!plan.spec.condition.empty()) return Aggregate::Holds(plan);
  return Value() >= static_cast<double>(newest_.size());
}

void Temporal::Describe(std::size_t index, std::vector<std::uint32_t>& slots,
                        std::variant<std::monostate, std::string, double>& /*value*/) const {
  const std::int64_t event = first_ + static_cast<std::int64_t>(index);
  for (std::uint32_t slot = 0; slot < newest_.size(); ++slot) {
    if (newest_[slot] == event) slots.push_back(slot);
  }
}

void TemporalOrdered::Add(const Sample& sample) {
  for (const std::uint32_t slot : sample.slots) occurrences_[slot].push_back(next_);
  ++next_;
}

void TemporalOrdered::RemoveOldest() {
  for (auto& occurrences : occurrences_) {
    if (!occurrences.empty() && occurrences.front() == first_) occurrences.pop_front();
  }
  ++first_;
}

void TemporalOrdered::Describe(std::size_t index, std::vector<std::uint32_t>& slots,
                               std::variant<std::monostate, std::string, double>& /*v*/) const {
  const std::int64_t event = first_ + static_cast<std::int64_t>(index);
  for (std::uint32_t slot = 0; slot < occurrences_.size(); ++slot) {
    if (FirstAfter(occurrences_[slot], event - 1) == event) slots.push_back(slot);
  }
}

double TemporalOrdered::Value() {
  std::int64_t at = kNone;
  std::size_t length = 0;
  for (const auto& occurrences : occurrences_) {
    at = FirstAfter(occurrences, at);
    if (at == kNone) break;
    ++length;
  }
  return static_cast<double>(length);
}

bool TemporalOrdered::Holds(const WindowPlan& plan) {
  if (!plan.slot_condition) {
    if (!plan.spec.condition.empty()) return Aggregate::Holds(plan);
    return Value() >= static_cast<double>(occurrences_.size());
  }
  if (!plan.slot_condition->Holds(
          [this](std::uint32_t slot) { return !occurrences_[slot].empty(); })) {
    return false;
  }
  std::int64_t at = kNone;
  for (const std::uint32_t slot : plan.slot_condition->positive()) {
    if (occurrences_[slot].empty()) continue;
    at = FirstAfter(occurrences_[slot], at);
    if (at == kNone) return false;
  }
  return plan.spec.condition.empty() || Aggregate::Holds(plan);
}

}  // namespace auditflow::correlate
