#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "auditflow/core/result.hpp"
#include "auditflow/core/status.hpp"
#include "auditflow/store/event_reader.hpp"
#include "auditflow/store/insert_result.hpp"

namespace auditflow::store {

/// How many of the rules that were last added for events that are not there wait for these.
constexpr std::size_t kMaxWaitingRules = 100'000;

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

  /// Adds rules to events that were stored without them, behind those that an event has; one that
  /// it has already changes nothing. A rule goes to the event with its id and time, else to one
  /// with its id that states no time. Where there is none, because another process stores it only
  /// later, the rule waits, across restarts as the events do, and is the event's from its `Insert`
  /// on. What waits is forgotten with the day of its time, and beyond `kMaxWaitingRules` the
  /// oldest.
  /// @return how many of the rules wait; kInvalidArgument if `Validate` refuses one, or the
  /// database for good, and kUnavailable or another retryable status: repeating the call is safe.
  virtual Result<std::size_t> AddRules(std::span<const LaterRule> rules) = 0;

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
