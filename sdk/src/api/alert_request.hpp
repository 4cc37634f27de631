#pragma once

#include <string_view>

#include "auditflow/api/alerts.hpp"
#include "auditflow/core/result.hpp"
#include "auditflow/http/message.hpp"

namespace auditflow::api {

/// The query of `/alerts`.
/// @return kInvalidArgument with the wire contract's text.
Result<store::AlertQuery> ReadAlertQuery(const http::Request& request,
                                         const AlertsOptions& options);

/// Only its filters.
Result<store::AlertQuery> ReadAlertFilters(const http::Request& request);

/// An alert's id as it stands in a path.
/// @return kInvalidArgument with the wire contract's text.
Result<Uuid> ReadAlertId(std::string_view text);

}  // namespace auditflow::api
