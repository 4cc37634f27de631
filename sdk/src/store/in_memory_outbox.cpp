#include "src/store/in_memory_outbox.hpp"

#include <algorithm>
#include <functional>
#include <utility>

#include "src/store/outbox_parts.hpp"
#include "src/store/whole_microseconds.hpp"

namespace auditflow::store {

Timestamp InMemoryOutbox::Now() const { return WholeMicroseconds(clock_.Now()); }

void InMemoryOutbox::Add(const alert::Alert& alert) {
  const std::lock_guard lock(mutex_);
  for (const OutboxTarget& target : targets_) {
    if (!Takes(target, alert)) continue;
    Item item;
    item.entry.id = ++last_id_;
    item.entry.channel = target.channel;
    item.entry.idempotency_key = IdempotencyKey(alert.alert_id, target.channel);
    item.entry.queued_at = item.due_at = Now();
    item.entry.alert = alert;
    items_.emplace(last_id_, std::move(item));
  }
}

Result<std::vector<OutboxEntry>> InMemoryOutbox::Claim(const ClaimRequest& request) {
  const std::lock_guard lock(mutex_);
  const Timestamp now = Now();
  std::vector<Item*> due;
  for (auto& [id, item] : items_) {
    if (item.entry.channel == request.channel && !item.dead_at && item.due_at <= now) {
      due.push_back(&item);
    }
  }
  std::stable_sort(due.begin(), due.end(),
                   [](const Item* a, const Item* b) { return a->due_at < b->due_at; });
  due.resize(std::min<std::size_t>(due.size(), request.max));
  std::vector<OutboxEntry> claimed;
  for (Item* item : due) {
    ++item->entry.attempts;
    ++item->entry.lease_token;
    item->due_at = WholeMicroseconds(now + request.lease);
    claimed.push_back(item->entry);
  }
  std::sort(claimed.begin(), claimed.end(),
            [](const OutboxEntry& a, const OutboxEntry& b) { return a.id < b.id; });
  return claimed;
}

InMemoryOutbox::Item* InMemoryOutbox::Held(const OutboxEntry& entry) {
  const auto found = items_.find(entry.id);
  if (found == items_.end() || found->second.dead_at ||
      found->second.entry.lease_token != entry.lease_token) {
    return nullptr;
  }
  return &found->second;
}

Status InMemoryOutbox::Delivered(const OutboxEntry& entry) {
  const std::lock_guard lock(mutex_);
  if (Held(entry) == nullptr) return LeaseLost();
  items_.erase(entry.id);
  return Status();
}

Status InMemoryOutbox::RetryAt(const OutboxEntry& entry, Timestamp at, std::string_view error) {
  const std::lock_guard lock(mutex_);
  Item* const item = Held(entry);
  if (item == nullptr) return LeaseLost();
  ++item->entry.lease_token;
  item->due_at = WholeMicroseconds(at);
  item->entry.last_error = StorableError(error);
  return Status();
}

Status InMemoryOutbox::DeadLetter(const OutboxEntry& entry, std::string_view reason) {
  const std::lock_guard lock(mutex_);
  Item* const item = Held(entry);
  if (item == nullptr) return LeaseLost();
  item->dead_at = Now();
  item->entry.last_error = StorableError(reason);
  return Status();
}

Result<std::vector<DeadEntry>> InMemoryOutbox::ListDead(const DeadQuery& query) {
  const std::lock_guard lock(mutex_);
  std::vector<DeadEntry> page;
  auto at = query.after ? items_.lower_bound(*query.after) : items_.end();
  while (at != items_.begin() && page.size() < query.limit) {
    const Item& item = (--at)->second;
    const OutboxEntry& entry = item.entry;
    if (!item.dead_at || (!query.channel.empty() && query.channel != entry.channel)) continue;
    page.push_back({.id = entry.id,
                    .channel = entry.channel,
                    .alert_id = entry.alert.alert_id,
                    .idempotency_key = entry.idempotency_key,
                    .attempts = entry.attempts,
                    .queued_at = entry.queued_at,
                    .dead_at = *item.dead_at,
                    .reason = entry.last_error});
  }
  return page;
}

void InMemoryOutbox::MakeDue(Item& item) const {
  item.dead_at.reset();
  item.entry.attempts = 0;
  ++item.entry.lease_token;
  item.entry.queued_at = item.due_at = Now();
}

Result<std::uint64_t> InMemoryOutbox::Replay(std::span<const std::uint64_t> ids) {
  const std::lock_guard lock(mutex_);
  std::uint64_t count = 0;
  for (const std::uint64_t id : ids) {
    const auto found = items_.find(id);
    if (found == items_.end() || !found->second.dead_at) continue;
    MakeDue(found->second);
    ++count;
  }
  return count;
}

Result<std::uint64_t> InMemoryOutbox::ReplayChannel(std::string_view channel) {
  const std::lock_guard lock(mutex_);
  std::uint64_t count = 0;
  for (auto& [id, item] : items_) {
    if (!item.dead_at || item.entry.channel != channel) continue;
    MakeDue(item);
    ++count;
  }
  return count;
}

Result<std::uint64_t> InMemoryOutbox::Discard(std::span<const std::uint64_t> ids) {
  const std::lock_guard lock(mutex_);
  std::uint64_t count = 0;
  for (const std::uint64_t id : ids) {
    const auto found = items_.find(id);
    if (found == items_.end() || !found->second.dead_at) continue;
    items_.erase(found);
    ++count;
  }
  return count;
}

Result<std::uint64_t> InMemoryOutbox::ForgetDead(Timestamp before, std::uint64_t keep) {
  const std::lock_guard lock(mutex_);
  std::vector<std::pair<Timestamp, std::uint64_t>> dead;
  for (const auto& [id, item] : items_) {
    if (item.dead_at) dead.emplace_back(*item.dead_at, id);
  }
  std::ranges::sort(dead, std::greater<>());
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < dead.size(); ++i) {
    if (i < keep && dead[i].first >= WholeMicroseconds(before)) continue;
    items_.erase(dead[i].second);
    ++count;
  }
  return count;
}

Result<std::vector<OutboxNumbers>> InMemoryOutbox::Numbers() {
  const std::lock_guard lock(mutex_);
  std::map<std::string, OutboxNumbers> channels;
  for (const auto& [id, item] : items_) {
    OutboxNumbers& numbers = channels[item.entry.channel];
    numbers.channel = item.entry.channel;
    ++(item.dead_at ? numbers.dead : numbers.pending);
    if (item.dead_at) continue;
    const Timestamp queued = item.entry.queued_at;
    numbers.oldest_pending = std::min(numbers.oldest_pending.value_or(queued), queued);
  }
  std::vector<OutboxNumbers> sorted;
  for (auto& [name, numbers] : channels) sorted.push_back(std::move(numbers));
  return sorted;
}

}  // namespace auditflow::store
