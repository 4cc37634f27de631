#pragma once

#include "auditflow/api/pages.hpp"
#include "auditflow/http/message.hpp"

namespace auditflow::api {

/// The page of one alert.
http::Response AlertPage(const http::Request& request, store::AlertReader& store,
                         const PageOptions& options);

/// The list of alerts.
http::Response AlertListPage(const http::Request& request, store::AlertReader& store,
                             const PageOptions& options, const Clock& clock);

}  // namespace auditflow::api
