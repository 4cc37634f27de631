#include <chrono>

#include "auditflow/store/event_store.hpp"

namespace auditflow::store {

Timestamp DayOf(Timestamp time) {
  constexpr std::int64_t kDay = Duration(std::chrono::hours(24)).count();
  std::int64_t rest = time.unix_nanos() % kDay;
  if (rest < 0) rest += kDay;
  return time - Duration(rest);
}

Timestamp RetentionDay(const ArchivedEvent& event) {
  const Timestamp received = DayOf(event.received_at);
  const Timestamp own = DayOf(event.timestamp);
  return own > received + std::chrono::hours(24) ? received : own;
}

}  // namespace auditflow::store
