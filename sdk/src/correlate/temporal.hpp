#pragma once

#include <cstdint>
#include <vector>

#include "src/correlate/aggregate.hpp"
#include "src/correlate/ring.hpp"

namespace auditflow::correlate {

/// Which slots occur in the window. Only the newest occurrence of each matters: O(slots).
class Temporal final : public Aggregate {
 public:
  explicit Temporal(std::uint32_t slots) : newest_(slots, -1) {}
  void Add(const Sample& sample) override;
  void RemoveOldest() override { ++first_; }
  double Value() override;
  bool Holds(const WindowPlan& plan) override;
  void Describe(std::size_t index, std::vector<std::uint32_t>& slots,
                std::variant<std::monostate, std::string, double>& value) const override;

 private:
  [[nodiscard]] bool Seen(std::uint32_t slot) const { return newest_[slot] >= first_; }

  std::vector<std::int64_t> newest_;  // per slot the number of the event that had it
  std::int64_t first_ = 0;            // number of the window's oldest event
  std::int64_t next_ = 0;             // number of the next event
};

/// Whether slots occur in the window in their order, each at an event of its own. Keeps every
/// slot's occurrences in order, so that a chain is found by one binary search per slot.
class TemporalOrdered final : public Aggregate {
 public:
  explicit TemporalOrdered(std::uint32_t slots) : occurrences_(slots) {}
  void Add(const Sample& sample) override;
  void RemoveOldest() override;
  /// The longest prefix of the slots that occurs in order.
  double Value() override;
  /// Under a boolean condition: it holds, and the slots in it that occur (those under `not` aside)
  /// do so in their order.
  bool Holds(const WindowPlan& plan) override;
  void Describe(std::size_t index, std::vector<std::uint32_t>& slots,
                std::variant<std::monostate, std::string, double>& value) const override;

 private:
  std::vector<Ring<std::int64_t>> occurrences_;  // per slot, ascending event numbers
  std::int64_t first_ = 0;
  std::int64_t next_ = 0;
};

}  // namespace auditflow::correlate
