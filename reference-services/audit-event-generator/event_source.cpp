#include "audit-event-generator/event_source.hpp"

#include <utility>

namespace auditflow::services {

broker::Message EventSource::Next() {
  constexpr std::size_t kUsualBytes = 512;
  broker::Message message;
  message.body.reserve(kUsualBytes);
  const generate::EventFacts facts = generator_.AppendNextAt(NextTime(), message.body);
  message.message_id = facts.event_id.ToString();
  metrics_.events.With({facts.event_type, facts.server_hostname, facts.action_result}).Increment();
  return message;
}

Timestamp EventSource::NextTime() {
  if (!next_time_) return clock_.Now();
  return std::exchange(*next_time_, *next_time_ + time_step_);
}

}  // namespace auditflow::services
