#pragma once

#include <cstddef>
#include <unordered_set>
#include <utility>

#include "auditflow/core/uuid.hpp"

namespace auditflow::pipeline {

/// The ids of at least the last `capacity` and at most twice as many things that were finished: two
/// generations, of which the older is forgotten as a whole.
///
/// Thread safety: thread-compatible.
class RecentIds {
 public:
  explicit RecentIds(std::size_t capacity) : capacity_(capacity) {}

  [[nodiscard]] bool Contains(const Uuid& id) const {
    return newer_.contains(id) || older_.contains(id);
  }
  void Add(const Uuid& id) {
    newer_.insert(id);
    if (newer_.size() < capacity_) return;
    older_ = std::move(newer_);
    newer_.clear();
  }

 private:
  std::size_t capacity_;
  std::unordered_set<Uuid> newer_;
  std::unordered_set<Uuid> older_;
};

}  // namespace auditflow::pipeline
