#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <unordered_map>

#include "auditflow/broker/broker.hpp"

namespace auditflow::rabbitmq {

/// How often messages were delivered that may come again; of the latest `capacity` of them.
///
/// A message is recognised by its id and body together: one that only borrows another's id has a
/// count of its own. Thread safety: thread-compatible.
class AttemptMemory {
 public:
  explicit AttemptMemory(std::size_t capacity) : capacity_(capacity) {}

  void Remember(const broker::Message& message, std::uint32_t attempts);
  /// 0 if it is not known.
  [[nodiscard]] std::uint32_t Recall(const broker::Message& message) const;
  void Forget(const broker::Message& message);

 private:
  struct Entry {
    std::uint64_t key;
    std::uint32_t attempts;
  };
  const std::size_t capacity_;
  std::list<Entry> entries_;  ///< oldest first
  std::unordered_map<std::uint64_t, std::list<Entry>::iterator> index_;
};

}  // namespace auditflow::rabbitmq
