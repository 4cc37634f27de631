#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "auditflow/http/router.hpp"
#include "auditflow/store/alert_reader.hpp"

namespace auditflow::api {

/// Appends one row of `GET /alerts`: a flat JSON object with the fields of the wire contract, in
/// its order. Times are RFC 3339 in UTC, `client_ip` is null where it is unknown, the nested
/// objects are objects, and `raw_event_data` stands there byte for byte.
void AppendAlertRow(const store::StoredAlert& stored, std::string& out);
/// A JSON array of rows.
std::string AlertRows(const std::vector<store::StoredAlert>& alerts);

struct AlertsOptions {
  std::uint32_t default_limit = 100;
  /// What a larger `limit` is read as: one answer is built in memory.
  std::uint32_t max_limit = 10'000;
};

/// Adds the alerts of `store`, which must outlive the router:
///
///     GET /alerts?limit=&offset=   an array of rows, newest first; 400 for a bad number
///     GET /alerts/{id}             one row; 404 if there is no such alert, 400 if that is no UUID
///
/// Beside the contract, `/alerts` takes the filters severity, alert_type, rule_id, actor_id,
/// server_hostname, since and until (times as `Timestamp::Parse` reads them, or dates), and answers
/// with the header `X-Total-Count`: how many alerts they let through. Empty and unknown parameters
/// mean nothing.
///
/// Errors are problem details (RFC 9457) whose extra member `error` (for 404: `message`) holds the
/// contract's text. A store that is away is a 503 with `Retry-After`.
void AddAlertRoutes(http::Router& router, store::AlertReader& store,
                    const AlertsOptions& options = {});

}  // namespace auditflow::api
