#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "src/match/partition.hpp"

namespace auditflow::match {

/// The rules (or routes) that the event at hand makes worth evaluating, each once.
///
/// Thread safety: thread-compatible.
class Nominations {
 public:
  explicit Nominations(std::size_t slots) : passes_(slots, 0) {}

  /// Forgets the event before.
  void Begin() {
    ++pass_;
    slots_.clear();
  }
  void Add(std::span<const RuleSlot> slots) {
    for (const RuleSlot slot : slots) {
      if (passes_[slot] == pass_) continue;
      passes_[slot] = pass_;
      slots_.push_back(slot);
    }
  }
  [[nodiscard]] std::span<const RuleSlot> slots() const { return slots_; }

 private:
  std::uint64_t pass_ = 0;
  std::vector<std::uint64_t> passes_;  ///< by slot: the last pass that nominated it
  std::vector<RuleSlot> slots_;
};

}  // namespace auditflow::match
