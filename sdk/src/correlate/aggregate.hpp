#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "auditflow/correlate/window_store.hpp"

#include "src/correlate/slot_condition.hpp"

namespace auditflow::correlate {

/// A spec with what can be worked out once for all of its groups.
///
/// Thread safety: immutable.
struct WindowPlan {
  WindowPlan(WindowSpec window_spec, Duration allowed_lateness, const WindowLimits& window_limits);

  WindowSpec spec;
  std::int64_t timespan;  ///< nanoseconds, at least one
  std::int64_t lateness;  ///< nanoseconds, for the spec's level
  WindowLimits limits;
  std::optional<SlotCondition> slot_condition;

  /// Whether ties in time keep their order of arrival.
  [[nodiscard]] bool ordered() const {
    return spec.type == sigma::CorrelationType::kTemporalOrdered;
  }
};

/// What one event brings into a window.
struct Sample {
  std::span<const std::uint32_t> slots;
  const std::variant<std::monostate, std::string, double>* value = nullptr;
};

/// What a correlation type computes over a sliding window. Events enter and leave in the same
/// order, so an aggregate may keep a queue of its own.
class Aggregate {
 public:
  virtual ~Aggregate() = default;
  virtual void Add(const Sample& sample) = 0;
  virtual void RemoveOldest() = 0;
  /// Requires a window that is not empty.
  virtual double Value() = 0;
  /// Whether the rule's condition holds. Requires the same.
  virtual bool Holds(const WindowPlan& plan);
  /// What an event of the window, 0 being the oldest, still means to it: adding all of these anew
  /// gives an aggregate that behaves the same.
  virtual void Describe(std::size_t index, std::vector<std::uint32_t>& slots,
                        std::variant<std::monostate, std::string, double>& value) const = 0;
};

std::unique_ptr<Aggregate> NewAggregate(const WindowPlan& plan);

}  // namespace auditflow::correlate
