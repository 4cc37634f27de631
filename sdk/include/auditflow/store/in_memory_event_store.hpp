#pragma once

#include <cstddef>
#include <memory>

#include "auditflow/store/event_store.hpp"

namespace auditflow::store {

struct InMemoryEventStoreOptions {
  /// A batch that would exceed it is kResourceExhausted as a whole.
  std::size_t max_events = 1'000'000;
};

/// Keeps events for as long as the process runs: for tests and for programs that look at their
/// events at once.
///
/// Thread safety: thread-safe.
class InMemoryEventStore final : public EventStore {
 public:
  explicit InMemoryEventStore(const InMemoryEventStoreOptions& options = {});
  ~InMemoryEventStore() override;
  InMemoryEventStore(const InMemoryEventStore&) = delete;
  InMemoryEventStore& operator=(const InMemoryEventStore&) = delete;

  Result<std::vector<InsertResult>> Insert(std::span<const ArchivedEvent> events) override;
  Result<std::size_t> AddRules(std::span<const LaterRule> rules) override;
  Status DropBefore(Timestamp time) override;
  Result<EventPage> List(const EventQuery& query) override;
  Result<std::optional<ArchivedEvent>> Get(const Uuid& event_id) override;
  Result<EventStats> Stats(const StatsQuery& query) override;
  Status Ping() override;

 private:
  struct Impl;
  const std::unique_ptr<Impl> impl_;
};

}  // namespace auditflow::store
