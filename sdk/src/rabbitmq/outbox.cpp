#include "src/rabbitmq/outbox.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace auditflow::rabbitmq {

void Outbox::Push(const std::shared_ptr<Batch>& batch) {
  for (std::size_t i = 0; i < batch->messages.size(); ++i) ready_.push_back({batch, i});
}

void Outbox::PushFront(std::vector<Item> items) {
  ready_.insert(ready_.begin(), std::make_move_iterator(items.begin()),
                std::make_move_iterator(items.end()));
}

void Outbox::PushRefused(Item item, Duration not_before) {
  item.not_before = not_before;
  refused_.push_back(std::move(item));
}

void Outbox::PromoteRefused(Duration now) {
  std::vector<Item> due;
  while (!refused_.empty() && refused_.front().not_before <= now) {
    due.push_back(std::move(refused_.front()));
    refused_.pop_front();
  }
  PushFront(std::move(due));
}

std::vector<Item> Outbox::Take(std::size_t max_count, std::size_t max_bytes, Duration now) {
  PromoteRefused(now);
  std::vector<Item> items;
  std::size_t bytes = 0;
  while (!ready_.empty() && items.size() < max_count && bytes < max_bytes) {
    Item item = std::move(ready_.front());
    ready_.pop_front();
    if (item.batch->abandoned) continue;
    bytes += item.message().body.size();
    items.push_back(std::move(item));
  }
  return items;
}

std::optional<Duration> Outbox::UntilDue(Duration now) const {
  if (!ready_.empty()) return Duration::zero();
  if (refused_.empty()) return std::nullopt;
  return std::max(Duration::zero(), refused_.front().not_before - now);
}

void Outbox::DropAbandoned() {
  const auto abandoned = [](const Item& item) { return item.batch->abandoned; };
  std::erase_if(ready_, abandoned);
  std::erase_if(refused_, abandoned);
}

}  // namespace auditflow::rabbitmq
