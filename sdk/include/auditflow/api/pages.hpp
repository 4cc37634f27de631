#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include "auditflow/core/clock.hpp"
#include "auditflow/core/timestamp.hpp"
#include "auditflow/http/router.hpp"
#include "auditflow/store/alert_reader.hpp"

namespace auditflow::api {

struct PageOptions {
  std::string title = "AuditFlow";
  std::uint32_t alerts_per_page = 50;
  std::chrono::seconds refresh{
      5};  ///< how often the list's first page loads itself again; 0: never
  /// Of a raw event; the rest is behind a link to `/alerts/{id}`.
  std::size_t max_event_bytes = std::size_t{256} << 10U;
};

/// Adds pages for people, made on the server without any script:
///
///     GET /              the alerts, newest first, with filters
///     GET /alert/{id}    one alert in full with its event
///     GET /assets/…      their style sheet and icon
///
/// Nothing comes from elsewhere, every text of an alert is escaped, and the Content-Security-Policy
/// forbids scripts altogether. `store` and `clock` must outlive the router.
void AddAlertPages(http::Router& router, store::AlertReader& store, const PageOptions& options = {},
                   const Clock& clock = SystemClock());

}  // namespace auditflow::api
