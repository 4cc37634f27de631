#pragma once

#include "auditflow/api/alerts.hpp"

namespace auditflow::api {

/// `POST /alerts`.
http::Response PostAlerts(const http::Request& request, store::AlertStore& store,
                          const AlertWriteOptions& options);

/// `POST`, `PATCH` and `DELETE` share it.
http::Response NotJson();

}  // namespace auditflow::api
