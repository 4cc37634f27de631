#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include "auditflow/api/remote_alerts.hpp"
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
  /// Of a raw event; the rest is behind a link to `/alerts/{id}`, where that is served too.
  std::size_t max_event_bytes = std::size_t{256} << 10U;
};

/// Adds pages for people, made on the server without any script; scope `alerts:read`, but for the
/// assets:
///
///     GET /              the alerts, newest first, with filters
///     GET /alert/{id}    one alert in full with its event
///     GET /assets/…      their style sheet and icon
///
/// Nothing comes from elsewhere, every text of an alert is escaped, and the Content-Security-Policy
/// forbids scripts altogether. While the alerts cannot be read, the pages are a 503 that says so,
/// and show nothing else. They link to `AddAlertRoutes`, which the same router should have. `store`
/// and `clock` must outlive the router.
void AddAlertPages(http::Router& router, store::AlertReader& store, const PageOptions& options = {},
                   const Clock& clock = SystemClock());

/// The same over the alerts of another service. What one of its alerts holds hides no other; where
/// the service does not filter or count, the pages say so or do without; while it is away, they say
/// what is, since when and why.
void AddAlertPages(http::Router& router, RemoteAlertReader& alerts, const PageOptions& options = {},
                   const Clock& clock = SystemClock());

}  // namespace auditflow::api
