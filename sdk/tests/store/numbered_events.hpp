#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "auditflow/store/archived_event.hpp"

#include "tests/store/numbered_alerts.hpp"

namespace auditflow::store {

inline Timestamp EventTime(std::uint64_t number) {
  return Timestamp::Parse("2026-11-20T18:00:00.000000001Z").value() +
         std::chrono::seconds(static_cast<std::int64_t>(number));
}

/// A valid event; higher numbers are newer, by a second each.
inline ArchivedEvent NumberedEvent(std::uint64_t number) {
  ArchivedEvent event;
  event.event_id = NumberedUuid(number);
  event.timestamp = EventTime(number);
  event.received_at = EventTime(number) + std::chrono::microseconds(1500);
  event.source_service = "audit-event-generator";
  event.server_hostname = "host-" + std::to_string(number % 4);
  event.event_type = number % 2 == 0 ? "user_login" : "sudo_command";
  event.severity = number % 3 == 0 ? "WARNING" : "INFO";
  event.user_id = "user-" + std::to_string(number % 5);
  event.action_result = number % 6 == 0 ? "FAILURE" : "SUCCESS";
  if (number % 10 == 0) event.rule_ids = {"ANLY-SEC-001", "rule-" + std::to_string(number % 3)};
  event.raw = R"({"event_id":")" + event.event_id.ToString() + R"(", "n": )" +
              std::to_string(number) + R"(.50,"details":{"command":"cat /etc/Shadow"}})";
  return event;
}

inline std::vector<ArchivedEvent> NumberedEvents(std::uint64_t first, std::uint64_t count) {
  std::vector<ArchivedEvent> events;
  events.reserve(count);
  for (std::uint64_t i = 0; i < count; ++i) events.push_back(NumberedEvent(first + i));
  return events;
}

}  // namespace auditflow::store
