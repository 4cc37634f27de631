#include "src/correlate/update_check.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <variant>

#include "src/core/saturate.hpp"

namespace auditflow::correlate {
namespace {

using sigma::CorrelationType;

bool NeedsSlots(CorrelationType type) {
  return type == CorrelationType::kTemporal || type == CorrelationType::kTemporalOrdered;
}

bool NeedsNumber(CorrelationType type) {
  return type == CorrelationType::kValueSum || type == CorrelationType::kValueAvg ||
         type == CorrelationType::kValuePercentile || type == CorrelationType::kValueMedian;
}

}  // namespace

std::string_view FaultOf(const WindowSpec& spec, const WindowUpdate& update) {
  if (NeedsSlots(spec.type)) {
    if (update.slots.empty()) return "slots: empty";
    if (!std::is_sorted(update.slots.begin(), update.slots.end())) return "slots: not ascending";
    if (std::adjacent_find(update.slots.begin(), update.slots.end()) != update.slots.end()) {
      return "slots: a repeated slot";
    }
    if (update.slots.back() >= spec.rule_slots) return "slots: out of range";
  }
  if (spec.type == CorrelationType::kValueCount &&
      !std::holds_alternative<std::string>(update.value)) {
    return "value: text expected";
  }
  if (NeedsNumber(spec.type)) {
    const double* number = std::get_if<double>(&update.value);
    if (number == nullptr || !std::isfinite(*number)) return "value: finite number expected";
  }
  return {};
}

bool FromTheFuture(const WindowLimits& limits, const WindowUpdate& update) {
  const std::int64_t skew = limits.max_future_skew.count();
  if (skew <= 0 || update.arrival == Timestamp()) return false;
  return SaturatingSubtract(update.time.unix_nanos(), update.arrival.unix_nanos()) > skew;
}

}  // namespace auditflow::correlate
