#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "auditflow/correlate/window_store.hpp"

namespace auditflow::correlate {

/// For tests that are the same for every type of correlation.
inline auto EveryType() {
  using sigma::CorrelationType;
  return testing::Values(CorrelationType::kEventCount, CorrelationType::kValueCount,
                         CorrelationType::kValueSum, CorrelationType::kValueAvg,
                         CorrelationType::kValuePercentile, CorrelationType::kValueMedian,
                         CorrelationType::kTemporal, CorrelationType::kTemporalOrdered);
}
/// Their names in the test's name, which may hold letters and digits only.
inline std::string NameOfType(const testing::TestParamInfo<sigma::CorrelationType>& tested) {
  std::string name;
  for (const char c : std::string(ToString(tested.param))) {
    if (c != '_') name += c;
  }
  return name;
}

/// A UUID whose order is that of `n`.
inline Uuid Id(std::uint32_t n) {
  Uuid::Bytes bytes{};
  for (std::size_t i = 0; i < 4; ++i) bytes[15 - i] = static_cast<std::uint8_t>(n >> (8 * i));
  return Uuid(bytes);
}

inline std::uint32_t Number(const Uuid& id) {
  std::uint32_t n = 0;
  for (std::size_t i = 12; i < 16; ++i) n = n << 8U | id.bytes()[i];
  return n;
}

inline Timestamp At(double seconds) {
  constexpr double kStart = 1'700'000'000;
  return Timestamp::FromUnixNanos(static_cast<std::int64_t>(kStart) * 1'000'000'000 +
                                  static_cast<std::int64_t>(seconds * 1e9));
}

inline Timestamp AtNanos(std::int64_t nanos) {
  return Timestamp::FromUnixNanos(At(0).unix_nanos() + nanos);
}

using Condition = std::vector<std::pair<sigma::Comparison, double>>;

inline WindowSpec Spec(sigma::CorrelationType type, Duration timespan, Condition condition,
                       std::uint32_t slots = 1) {
  WindowSpec spec;
  spec.key = "rule";
  spec.type = type;
  spec.timespan = timespan;
  spec.condition = std::move(condition);
  spec.rule_slots = slots;
  return spec;
}

inline WindowUpdate Update(std::uint32_t id, Timestamp time, std::string group = "g") {
  WindowUpdate update;
  update.group = std::move(group);
  update.event_id = Id(id);
  update.time = time;
  update.arrival = time;
  update.slots = {0};
  update.payload = "payload " + std::to_string(id);
  return update;
}

inline std::vector<Firing> Apply(WindowStore& store, const std::vector<WindowUpdate>& updates) {
  auto firings = store.Apply(updates);
  EXPECT_TRUE(firings.has_value()) << firings.error().ToString();
  return firings.value_or(std::vector<Firing>());
}

inline std::vector<Firing> Release(WindowStore& store, Timestamp now) {
  auto firings = store.Release(now);
  EXPECT_TRUE(firings.has_value()) << firings.error().ToString();
  return firings.value_or(std::vector<Firing>());
}

/// The triggering events' numbers.
inline std::vector<std::uint32_t> Triggers(const std::vector<Firing>& firings) {
  std::vector<std::uint32_t> numbers;
  numbers.reserve(firings.size());
  for (const Firing& firing : firings) numbers.push_back(Number(firing.event_id));
  return numbers;
}

}  // namespace auditflow::correlate
