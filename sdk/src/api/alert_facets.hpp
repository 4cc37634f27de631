#pragma once

#include "auditflow/http/message.hpp"
#include "auditflow/store/alert_reader.hpp"

namespace auditflow::api {

/// `GET /alerts/facets`.
http::Response CountFacets(const http::Request& request, store::AlertReader& store);

}  // namespace auditflow::api
