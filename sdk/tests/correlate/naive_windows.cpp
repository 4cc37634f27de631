#include "tests/correlate/naive_windows.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>
#include <tuple>

namespace auditflow::correlate {
namespace {

using sigma::Comparison;
using sigma::CorrelationType;

bool Compare(double value, Comparison comparison, double threshold) {
  return comparison == Comparison::kGt    ? value > threshold
         : comparison == Comparison::kGte ? value >= threshold
         : comparison == Comparison::kLt  ? value < threshold
         : comparison == Comparison::kLte ? value <= threshold
         : comparison == Comparison::kEq  ? value == threshold
                                          : value != threshold;
}

std::vector<double> SortedNumbers(const std::vector<const WindowUpdate*>& window) {
  std::vector<double> numbers;
  for (const auto* event : window) numbers.push_back(std::get<double>(event->value));
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

std::set<std::uint32_t> Seen(const std::vector<const WindowUpdate*>& window) {
  std::set<std::uint32_t> seen;
  for (const auto* event : window) seen.insert(event->slots.begin(), event->slots.end());
  return seen;
}

/// How far one gets in `wanted` by taking, event by event, the next one if it is there.
std::size_t PrefixInOrder(const std::vector<const WindowUpdate*>& window,
                          const std::vector<std::uint32_t>& wanted) {
  std::size_t reached = 0;
  for (const auto* event : window) {
    if (reached < wanted.size() &&
        std::count(event->slots.begin(), event->slots.end(), wanted[reached]) > 0) {
      ++reached;
    }
  }
  return reached;
}

bool True(const sigma::Condition& condition, const std::set<std::uint32_t>& seen) {
  using Kind = sigma::Condition::Kind;
  const auto child = [&](std::size_t i) { return True(condition.children[i], seen); };
  switch (condition.kind) {
    case Kind::kIdentifier:
      return seen.count(static_cast<std::uint32_t>(std::stoul(condition.name))) > 0;
    case Kind::kNot:
      return !child(0);
    case Kind::kAnd:
      return child(0) && child(1);
    case Kind::kOr:
      return child(0) || child(1);
    case Kind::kSelector:
      return condition.quantity != 0 && seen.size() >= condition.quantity;
  }
  return false;
}

void Positive(const sigma::Condition& condition, std::set<std::uint32_t>& slots) {
  if (condition.kind == sigma::Condition::Kind::kNot) return;
  if (condition.kind == sigma::Condition::Kind::kIdentifier) {
    slots.insert(static_cast<std::uint32_t>(std::stoul(condition.name)));
  }
  for (const auto& child : condition.children) Positive(child, slots);
}

}  // namespace

std::map<std::string, std::vector<Firing>> NaiveWindows::Run(
    const std::vector<WindowUpdate>& stream) const {
  std::map<std::string, std::vector<WindowUpdate>> groups;
  for (const auto& update : stream) groups[update.group].push_back(update);
  std::map<std::string, std::vector<Firing>> firings;
  for (const auto& [group, updates] : groups) {
    auto fired = Evaluate(Admitted(updates));
    if (!fired.empty()) firings[group] = std::move(fired);
  }
  return firings;
}

std::vector<WindowUpdate> NaiveWindows::Admitted(const std::vector<WindowUpdate>& stream) const {
  std::vector<WindowUpdate> admitted;
  std::set<Uuid> ids;
  Timestamp newest = Timestamp::FromUnixNanos(INT64_MIN);
  for (const auto& update : stream) {
    if (update.time < newest - lateness_ || !ids.insert(update.event_id).second) continue;
    newest = std::max(newest, update.time);
    admitted.push_back(update);
  }
  const bool by_id = lateness_.count() > 0 && spec_.type != CorrelationType::kTemporalOrdered;
  std::stable_sort(admitted.begin(), admitted.end(), [&](const auto& a, const auto& b) {
    return by_id ? std::tie(a.time, a.event_id) < std::tie(b.time, b.event_id) : a.time < b.time;
  });
  return admitted;
}

std::vector<Firing> NaiveWindows::Evaluate(const std::vector<WindowUpdate>& events) const {
  std::vector<Firing> firings;
  bool held = false;
  for (std::size_t now = 0; now < events.size(); ++now) {
    Window window;
    for (std::size_t i = 0; i < now; ++i) {
      if (events[i].time > events[now].time - spec_.timespan) window.push_back(&events[i]);
    }
    held = held && Holds(window);
    window.push_back(&events[now]);
    const bool holds = Holds(window);
    if (holds && (!held || spec_.repeat == Repeat::kEvery)) {
      Firing firing;
      firing.event_id = events[now].event_id;
      firing.time = events[now].time;
      firing.payload = events[now].payload;
      firing.value = Value(window);
      firing.events = window.size();
      firing.first_time = window.front()->time;
      for (const auto* event : window) firing.contributors.push_back(event->event_id);
      firings.push_back(std::move(firing));
    }
    held = holds;
  }
  return firings;
}

double NaiveWindows::Value(const Window& window) const {
  const auto count = static_cast<double>(window.size());
  switch (spec_.type) {
    case CorrelationType::kEventCount:
      return count;
    case CorrelationType::kValueCount: {
      std::set<std::string> values;
      for (const auto* event : window) values.insert(std::get<std::string>(event->value));
      return static_cast<double>(values.size());
    }
    case CorrelationType::kTemporal:
      return static_cast<double>(Seen(window).size());
    case CorrelationType::kTemporalOrdered: {
      std::vector<std::uint32_t> all(spec_.rule_slots);
      std::iota(all.begin(), all.end(), 0U);
      return static_cast<double>(PrefixInOrder(window, all));
    }
    default:
      break;
  }
  const std::vector<double> numbers = SortedNumbers(window);
  const double sum = std::accumulate(numbers.begin(), numbers.end(), 0.0);
  if (spec_.type == CorrelationType::kValueSum) return sum;
  if (spec_.type == CorrelationType::kValueAvg) return sum / count;
  if (spec_.type == CorrelationType::kValueMedian) {
    return (numbers[(numbers.size() - 1) / 2] + numbers[numbers.size() / 2]) / 2;
  }
  const auto rank = static_cast<std::size_t>(std::ceil(spec_.percentile * count / 100));
  return numbers[std::max<std::size_t>(rank, 1) - 1];
}

bool NaiveWindows::Holds(const Window& window) const {
  if (window.empty()) return false;
  if (spec_.slot_condition && !HoldsTemporal(window)) return false;
  if (spec_.type >= CorrelationType::kTemporal && !spec_.slot_condition &&
      spec_.condition.empty()) {
    return Value(window) == spec_.rule_slots;
  }
  return std::all_of(spec_.condition.begin(), spec_.condition.end(), [&](const auto& test) {
    return Compare(Value(window), test.first, test.second);
  });
}

bool NaiveWindows::HoldsTemporal(const Window& window) const {
  const auto seen = Seen(window);
  if (!True(*spec_.slot_condition, seen)) return false;
  if (spec_.type == CorrelationType::kTemporal) return true;
  std::set<std::uint32_t> positive;
  Positive(*spec_.slot_condition, positive);
  std::vector<std::uint32_t> wanted;
  std::set_intersection(positive.begin(), positive.end(), seen.begin(), seen.end(),
                        std::back_inserter(wanted));
  return PrefixInOrder(window, wanted) == wanted.size();
}

}  // namespace auditflow::correlate
