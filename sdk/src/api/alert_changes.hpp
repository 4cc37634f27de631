#pragma once

#include "auditflow/api/alerts.hpp"

namespace auditflow::api {

/// `PATCH /alerts/{id}`.
http::Response PatchAlert(const http::Request& request, store::AlertStore& store);

/// `DELETE /alerts/{id}`.
http::Response DeleteAlert(const http::Request& request, store::AlertStore& store);

}  // namespace auditflow::api
