#pragma once

#include <span>
#include <vector>

#include "auditflow/core/result.hpp"
#include "auditflow/core/status.hpp"
#include "auditflow/store/event_reader.hpp"
#include "auditflow/store/insert_result.hpp"

namespace auditflow::store {

/// The archive: keeps events, each once.
///
/// Thread safety: thread-safe.
class EventStore : public EventReader {
 public:
  /// Stores the batch in one transaction; when it returns, what it reports as inserted survives a
  /// crash. One result per event, in order. A repeat, of the batch too, is a duplicate. Rejected is
  /// what `Validate` refuses.
  /// @return kUnavailable or another retryable status if nothing was stored.
  virtual Result<std::vector<InsertResult>> Insert(std::span<const ArchivedEvent> events) = 0;

  /// Forgets the events of the days (in UTC) before that of `time`. A time of its own further ahead
  /// of its receipt than the day after keeps no event for ever: such a one goes by the day on which
  /// it was received.
  /// @return kUnavailable or another retryable status if some of them may still be there.
  virtual Status DropBefore(Timestamp time) = 0;
};

/// The day by which `DropBefore` judges an event, as its first instant.
[[nodiscard]] Timestamp RetentionDay(const ArchivedEvent& event);
/// The first instant of the day in UTC.
[[nodiscard]] Timestamp DayOf(Timestamp time);

}  // namespace auditflow::store
