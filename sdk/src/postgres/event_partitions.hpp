#pragma once

#include <cstdint>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <vector>

#include <pqxx/connection>

#include "auditflow/core/clock.hpp"
#include "auditflow/store/archived_event.hpp"

namespace auditflow::postgres {

/// The partition of a day: "audit_events_20261120".
std::string PartitionName(Timestamp day);

/// Which partitions events need, and which are there as far as this program knows.
///
/// Thread safety: thread-safe.
class EventPartitions {
 public:
  EventPartitions(std::uint32_t days_back, Clock& clock) : days_back_(days_back), clock_(clock) {}

  /// The days of the events that may have a partition and are not known to have one.
  [[nodiscard]] std::set<Timestamp> MissingFor(std::span<const store::ArchivedEvent> events) const;
  void Add(Timestamp day);
  void RemoveBefore(Timestamp day);
  /// The database may be another one now.
  void Forget();

 private:
  const std::uint32_t days_back_;
  Clock& clock_;
  mutable std::mutex mutex_;
  std::set<Timestamp> known_;
};

// Each runs a transaction of its own and throws what libpqxx throws.

/// Makes the partition of a day unless it is there.
void MakePartition(pqxx::connection& connection, Timestamp day);
/// The partitions of days before `day`, the oldest first.
std::vector<std::string> PartitionsBefore(pqxx::connection& connection, Timestamp day);
void DropPartition(pqxx::connection& connection, const std::string& name);
/// Deletes from the partition without a day what `EventStore::DropBefore` drops, some of it.
/// @return whether there may be more.
bool DeleteSomeBefore(pqxx::connection& connection, Timestamp day);

}  // namespace auditflow::postgres
