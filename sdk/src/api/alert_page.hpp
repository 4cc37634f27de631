#pragma once

#include "auditflow/api/pages.hpp"
#include "auditflow/http/message.hpp"

#include "src/api/alert_source.hpp"

namespace auditflow::api {

/// The page of one alert.
http::Response AlertPage(const http::Request& request, AlertSource& source,
                         const PageOptions& options, const Clock& clock);

/// The list of alerts.
http::Response AlertListPage(const http::Request& request, AlertSource& source,
                             const PageOptions& options, const Clock& clock);

}  // namespace auditflow::api
