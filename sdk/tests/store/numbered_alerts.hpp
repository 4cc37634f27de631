#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "auditflow/alert/alert.hpp"

namespace auditflow::store {

inline Uuid NumberedUuid(std::uint64_t number) {
  Uuid::Bytes bytes{};
  for (std::size_t i = 0; i < 8; ++i) bytes[15 - i] = static_cast<std::uint8_t>(number >> (8 * i));
  return Uuid(bytes);
}

/// A valid alert; higher numbers are newer, by a second each.
inline alert::Alert NumberedAlert(std::uint64_t number) {
  alert::Alert alert;
  alert.alert_id = NumberedUuid(number);
  alert.correlation_id = NumberedUuid(number + 1'000'000);
  alert.timestamp = Timestamp::Parse("2026-11-20T18:00:00.000000001Z").value() +
                    std::chrono::seconds(static_cast<std::int64_t>(number));
  alert.alert_name = "Multiple Failed Login Attempts";
  alert.alert_type = "SECURITY";
  alert.severity = number % 2 == 0 ? "CRITICAL" : "HIGH";
  alert.description = "number " + std::to_string(number);
  alert.source_service_name = "audit-event-generator";
  alert.analysis_rule = {"ANLY-SEC-00" + std::to_string(number % 3), "Burst", "Detects bursts."};
  alert.triggered_by = {"USER", "user-" + std::to_string(number % 5), "192.168.1.150"};
  alert.impacted_resource = {"SERVER", "prod-db-02", "host-" + std::to_string(number % 4)};
  alert.action_observed = "LOGIN_FAILURE";
  alert.metadata = {
      {"brute-force", "critical"}, "DEVELOPMENT", "Lock it.", "https://example.org", ""};
  alert.raw_event_data =
      R"({"event_id":")" + alert.correlation_id.ToString() + R"(", "n": 1.50, "text":"é \u00e9"})";
  return alert;
}

inline std::vector<alert::Alert> NumberedAlerts(std::uint64_t first, std::uint64_t count) {
  std::vector<alert::Alert> alerts;
  for (std::uint64_t i = 0; i < count; ++i) alerts.push_back(NumberedAlert(first + i));
  return alerts;
}

}  // namespace auditflow::store
