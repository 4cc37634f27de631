#include "src/rabbitmq/attempt_memory.hpp"

#include <functional>
#include <string_view>

namespace auditflow::rabbitmq {
namespace {

std::uint64_t KeyOf(const broker::Message& message) {
  const std::hash<std::string_view> hash;
  return std::uint64_t{hash(message.message_id)} * 0x9e3779b97f4a7c15ULL ^ hash(message.body);
}

}  // namespace

void AttemptMemory::Remember(const broker::Message& message, std::uint32_t attempts) {
  Forget(message);
  if (entries_.size() >= capacity_ && !entries_.empty()) {
    index_.erase(entries_.front().key);
    entries_.pop_front();
  }
  const std::uint64_t key = KeyOf(message);
  index_[key] = entries_.insert(entries_.end(), {key, attempts});
}

std::uint32_t AttemptMemory::Recall(const broker::Message& message) const {
  const auto at = index_.find(KeyOf(message));
  return at == index_.end() ? 0 : at->second->attempts;
}

void AttemptMemory::Forget(const broker::Message& message) {
  if (index_.empty()) return;
  const auto at = index_.find(KeyOf(message));
  if (at == index_.end()) return;
  entries_.erase(at->second);
  index_.erase(at);
}

}  // namespace auditflow::rabbitmq
