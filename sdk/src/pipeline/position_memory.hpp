#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <unordered_map>

#include "auditflow/core/uuid.hpp"
#include "auditflow/pipeline/scanner.hpp"

namespace auditflow::pipeline {

/// The places of the events seen last. Of two events with one id the first counts, as it does for
/// correlations.
class PositionMemory {
 public:
  explicit PositionMemory(std::size_t capacity) : capacity_(capacity) {}

  void Remember(const Uuid& event, const EventPosition& position) {
    if (capacity_ == 0 || !positions_.try_emplace(event, position).second) return;
    order_.push_back(event);
    if (order_.size() <= capacity_) return;
    positions_.erase(order_.front());
    order_.pop_front();
  }

  [[nodiscard]] std::optional<EventPosition> Find(const Uuid& event) const {
    const auto found = positions_.find(event);
    return found == positions_.end() ? std::nullopt : std::optional(found->second);
  }

 private:
  std::size_t capacity_;
  std::unordered_map<Uuid, EventPosition> positions_;
  std::deque<Uuid> order_;
};

}  // namespace auditflow::pipeline
