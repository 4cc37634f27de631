#include "src/correlate/aggregate.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <variant>

#include "src/core/saturate.hpp"
#include "src/correlate/distinct_window.hpp"
#include "src/correlate/exact_sum.hpp"
#include "src/correlate/rank_window.hpp"
#include "src/correlate/ring.hpp"
#include "src/correlate/temporal.hpp"

namespace auditflow::correlate {
namespace {

using sigma::Comparison;
using sigma::CorrelationType;
using Slots = std::vector<std::uint32_t>;
using SampleValue = std::variant<std::monostate, std::string, double>;

bool Compare(double value, Comparison comparison, double threshold) {
  switch (comparison) {
    case Comparison::kGt:
      return value > threshold;
    case Comparison::kGte:
      return value >= threshold;
    case Comparison::kLt:
      return value < threshold;
    case Comparison::kLte:
      return value <= threshold;
    case Comparison::kEq:
      return value == threshold;
    case Comparison::kNeq:
      return value != threshold;
  }
  return false;
}

class EventCount final : public Aggregate {
 public:
  void Add(const Sample& /*sample*/) override { ++count_; }
  void RemoveOldest() override { --count_; }
  double Value() override { return static_cast<double>(count_); }
  void Describe(std::size_t /*index*/, Slots& /*slots*/, SampleValue& /*value*/) const override {}

 private:
  std::uint64_t count_ = 0;
};

class DistinctCount final : public Aggregate {
 public:
  void Add(const Sample& sample) override { window_.Add(std::get<std::string>(*sample.value)); }
  void RemoveOldest() override { window_.RemoveOldest(); }
  double Value() override { return static_cast<double>(window_.distinct()); }
  void Describe(std::size_t index, Slots& /*slots*/, SampleValue& value) const override {
    value = std::string(window_.At(index));
  }

 private:
  DistinctWindow window_;
};

class Sum : public Aggregate {
 public:
  void Add(const Sample& sample) override {
    const double value = std::get<double>(*sample.value);
    sum_.Add(value);
    order_.push_back(value);
  }
  void RemoveOldest() override {
    sum_.Subtract(order_.front());
    order_.pop_front();
  }
  double Value() override { return sum_.Value(); }
  void Describe(std::size_t index, Slots& /*slots*/, SampleValue& value) const override {
    value = order_[index];
  }

 protected:
  [[nodiscard]] std::size_t size() const { return order_.size(); }

 private:
  ExactSum sum_;
  Ring<double> order_;
};

class Average final : public Sum {
 public:
  double Value() override { return Sum::Value() / static_cast<double>(size()); }
};

class Rank final : public Aggregate {
 public:
  Rank(double percentile, bool median) : window_(percentile), median_(median) {}
  void Add(const Sample& sample) override {
    const double value = std::get<double>(*sample.value);
    window_.Add(value);
    order_.push_back(value);
  }
  void RemoveOldest() override {
    window_.Remove(order_.front());
    order_.pop_front();
  }
  double Value() override { return median_ ? window_.Median() : window_.Percentile(); }
  void Describe(std::size_t index, Slots& /*slots*/, SampleValue& value) const override {
    value = order_[index];
  }

 private:
  RankWindow window_;
  Ring<double> order_;
  bool median_;
};

/// The most events that the rule's own thresholds ask for.
std::size_t EventsNeeded(const WindowSpec& spec) {
  const bool counts =
      spec.type == CorrelationType::kEventCount || spec.type == CorrelationType::kValueCount;
  constexpr double kMost = 1e9;
  double most = 0;
  for (const auto& [comparison, threshold] : spec.condition) most = std::max(most, threshold);
  return counts && most < kMost ? static_cast<std::size_t>(most) + 1 : 0;
}

/// An event that comes as late as it may waits for another one, and is then released up to a period
/// late: at each level its hit is later by that much.
std::int64_t LatenessOf(std::uint32_t level, std::int64_t allowed) {
  const std::int64_t step = SaturatingAdd(allowed, allowed / kReleasesPerLateness);
  std::int64_t below = 0;
  if (__builtin_mul_overflow(step, std::max<std::int64_t>(level, 1) - 1, &below)) {
    return std::numeric_limits<std::int64_t>::max();
  }
  return SaturatingAdd(allowed, below);
}

}  // namespace

WindowPlan::WindowPlan(WindowSpec window_spec, Duration allowed_lateness,
                       const WindowLimits& window_limits)
    : spec(std::move(window_spec)),
      timespan(std::max<std::int64_t>(spec.timespan.count(), 1)),
      lateness(LatenessOf(spec.level, std::max<std::int64_t>(allowed_lateness.count(), 0))),
      limits(window_limits) {
  limits.max_events_per_group =
      std::max({limits.max_events_per_group, std::size_t{1}, EventsNeeded(spec)});
  limits.max_groups = std::max(limits.max_groups, std::size_t{1});
  spec.percentile = std::clamp(spec.percentile, 0.0, 100.0);
  if (spec.slot_condition) slot_condition.emplace(*spec.slot_condition, spec.rule_slots);
}

bool Aggregate::Holds(const WindowPlan& plan) {
  const double value = Value();
  return std::all_of(plan.spec.condition.begin(), plan.spec.condition.end(),
                     [value](const auto& test) { return Compare(value, test.first, test.second); });
}

std::unique_ptr<Aggregate> NewAggregate(const WindowPlan& plan) {
  switch (plan.spec.type) {
    case CorrelationType::kEventCount:
      return std::make_unique<EventCount>();
    case CorrelationType::kValueCount:
      return std::make_unique<DistinctCount>();
    case CorrelationType::kValueSum:
      return std::make_unique<Sum>();
    case CorrelationType::kValueAvg:
      return std::make_unique<Average>();
    case CorrelationType::kValuePercentile:
      return std::make_unique<Rank>(plan.spec.percentile, false);
    case CorrelationType::kValueMedian:
      return std::make_unique<Rank>(50, true);
    case CorrelationType::kTemporal:
      return std::make_unique<Temporal>(plan.spec.rule_slots);
    case CorrelationType::kTemporalOrdered:
      return std::make_unique<TemporalOrdered>(plan.spec.rule_slots);
  }
  return std::make_unique<EventCount>();
}

}  // namespace auditflow::correlate
