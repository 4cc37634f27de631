#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "auditflow/alert/alert.hpp"
#include "auditflow/core/result.hpp"
#include "auditflow/http/router.hpp"
#include "auditflow/observe/pipeline_metrics.hpp"
#include "auditflow/store/alert_reader.hpp"
#include "auditflow/store/alert_store.hpp"

namespace auditflow::api {

/// Appends one row of `GET /alerts`: a flat JSON object with the fields of the wire contract, in
/// its order. Times are RFC 3339 in UTC, `client_ip` is null where it is unknown, the nested
/// objects are objects, and `raw_event_data` stands there byte for byte. Behind the contract's
/// members comes `state`, as `AppendAlertState` writes it.
void AppendAlertRow(const store::StoredAlert& stored, std::string& out);
/// A JSON array of rows.
std::string AlertRows(const std::vector<store::StoredAlert>& alerts);

/// `{"status":"open","deleted":false,"version":0,"changed_at":null,"changed_by":null,
/// "change_reason":null}`; the last three are texts once somebody changed the alert.
void AppendAlertState(const store::AlertState& state, std::string& out);

/// A place in the list as the text that `cursor=` takes. Clients must not look into it.
std::string EncodeAlertCursor(const store::AlertCursor& cursor);
/// @return kInvalidArgument "cursor: …" for a text that `EncodeAlertCursor` did not make.
Result<store::AlertCursor> DecodeAlertCursor(std::string_view text);

struct AlertsOptions {
  std::uint32_t default_limit = 100;
  /// What a larger `limit` is read as: one answer is built in memory.
  std::uint32_t max_limit = 10'000;
};

/// Adds what can be read of `store`, which must outlive the router; scope `alerts:read`:
///
///     GET /alerts?limit=&offset=   an array of rows, newest first; 400 for a bad number
///     GET /alerts/{id}             one row; 404 if there is no such alert, 400 if that is no UUID
///     GET /alerts/facets?by= {"total":N,"facets":{"severity":[{"value":"HIGH","count":N},…]}} GET
///     /alerts/{id}/history     an array of states, the first change first; deleted alerts too
///
/// Beside the contract, `/alerts` and `/alerts/facets` take the filters severity, alert_type,
/// rule_id, actor_id, server_hostname (or host), status, since and until (times as
/// `Timestamp::Parse` reads them, or dates), q (a text that is somewhere in the alert, see
/// `AlertQuery::text`) and include_deleted (true or false). Empty and unknown parameters mean
/// nothing.
///
/// A list that goes on has the headers `X-Next-Cursor`, for the parameter `cursor`, and `Link` with
/// rel="next". A list that does not begin at a cursor has `X-Total-Count`: how many alerts the
/// filters let through. One alert has its version as `ETag` and answers 304 to `If-None-Match`.
/// `by` names severity, alert_type, rule_id, actor_id, server_hostname and status, separated by
/// commas; all of them if it is missing. `limit` bounds the values of each, default 100, up to
/// 1000.
///
/// A bad limit, offset or id and an alert that is not there are answered in the contract's own
/// form,
/// `{"error":…}` and `{"message":"Alert not found"}`. All other errors are problem details (RFC
/// 9457), with the member `field` where one is at fault. A store that is away is a 503 with
/// `Retry-After`.
void AddAlertRoutes(http::Router& router, store::AlertReader& store,
                    const AlertsOptions& options = {});

struct AlertWriteOptions {
  std::size_t max_alerts = 1000;  ///< in one POST; more are a 413
  /// Counts what is posted in the ledger of the alerts; not owned, may be null.
  observe::NotificationMetrics* metrics = nullptr;
  /// Called for each alert that is new to the store, after it is durable, by handler threads.
  std::function<void(const alert::Alert&)> on_stored = {};
};

/// Adds what changes `store`, which must outlive the router; scope `alerts:write`:
///
///     POST /alerts           an alert, or an array of them, as they come from the queue
///     PATCH /alerts/{id}     {"status":…,"by":…,"reason":…,"version":N}; 200 with the row
///     DELETE /alerts/{id}    {"by":…,"reason":…,"version":N}, each also in the query; likewise
///
/// POST stores through the same `Insert` as the queue does, each alert_id once. One alert: 201 with
/// `Location` if it is new, 200 if it was there, 400 naming the field otherwise. An array: 201 if
/// something is new and nothing refused, 200 if all were there, 207 if some were refused and others
/// not, 400 if all were. The body is
/// {"stored":N,"duplicates":N,"refused":N,"results":[{"alert_id":…,
/// "outcome":"stored"|"duplicate"|"refused","reason":…},…]}, one result for each alert in order.
///
/// PATCH and DELETE: `by` is needed unless the request has a `caller`, whose name then counts
/// instead; `reason` may be missing. With `If-Match`, or `version` in the body, the change happens
/// only while the alert has that version: else 412, or 409 for `version`. Deleting hides: the alert
/// keeps its place, and its history can be read.
///
/// Bodies are JSON (415 for another content type), without members of unknown names (400).
void AddAlertWriteRoutes(http::Router& router, store::AlertStore& store,
                         const AlertWriteOptions& options = {});

}  // namespace auditflow::api
