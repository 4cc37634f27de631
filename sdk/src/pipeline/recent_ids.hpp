#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <utility>

#include "auditflow/core/uuid.hpp"

namespace auditflow::pipeline {

/// The ids of at least the last `capacity` and at most twice as many things that were finished,
/// each with a hash of what it named: two generations, of which the older is forgotten as a whole.
///
/// Thread safety: thread-compatible.
class RecentIds {
 public:
  explicit RecentIds(std::size_t capacity) : capacity_(capacity) {}

  /// The hash that belongs to the id; nothing if it is not remembered.
  [[nodiscard]] std::optional<std::uint64_t> Find(const Uuid& id) const {
    for (const auto* generation : {&newer_, &older_}) {
      if (const auto found = generation->find(id); found != generation->end()) return found->second;
    }
    return std::nullopt;
  }
  void Add(const Uuid& id, std::uint64_t hash) {
    newer_.insert_or_assign(id, hash);
    if (newer_.size() < capacity_) return;
    older_ = std::move(newer_);
    newer_.clear();
  }

 private:
  std::size_t capacity_;
  std::unordered_map<Uuid, std::uint64_t> newer_;
  std::unordered_map<Uuid, std::uint64_t> older_;
};

}  // namespace auditflow::pipeline
