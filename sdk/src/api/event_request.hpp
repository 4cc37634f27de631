#pragma once

#include "auditflow/api/events.hpp"
#include "auditflow/core/result.hpp"
#include "auditflow/http/message.hpp"

namespace auditflow::api {

/// The queries of `/events` and `/stats`.
/// @return kInvalidArgument "parameter: what is wrong".
Result<store::EventQuery> ReadEventQuery(const http::Request& request,
                                         const EventsOptions& options);
Result<store::StatsQuery> ReadStatsQuery(const http::Request& request, Timestamp now);

}  // namespace auditflow::api
