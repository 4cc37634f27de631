#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "auditflow/core/clock.hpp"
#include "auditflow/core/result.hpp"
#include "auditflow/http/router.hpp"
#include "auditflow/store/event_reader.hpp"

namespace auditflow::api {

/// Appends an event of the archive as a JSON object with the members event_id, timestamp, has_time,
/// received_at, source_service, server_hostname, event_type, severity, user_id, action_result,
/// rule_ids and raw_event_data. Times are RFC 3339 in UTC; a text is null where the event has none;
/// `has_time` is false where `timestamp` is only that of its receipt. `raw_event_data` is the event
/// byte for byte, or a string of its bytes if another writer stored what is no JSON object.
void AppendArchivedEvent(const store::ArchivedEvent& event, std::string& out);
/// {"since":…,"until":…,"by":…,"first_bucket":…,"bucket_seconds":N,"total":N,
/// "series":[{"value":…,"total":N,"counts":[…]},…],"other":{"total":N,"counts":[…]}}
std::string StatsJson(const store::StatsQuery& query, const store::EventStats& stats);

/// A place in the list as the text that `cursor=` takes. Clients must not look into it.
std::string EncodeEventCursor(const store::EventCursor& cursor);
/// @return kInvalidArgument "cursor: …" for a text that `EncodeEventCursor` did not make.
Result<store::EventCursor> DecodeEventCursor(std::string_view text);

struct EventsOptions {
  std::uint32_t default_limit = 100;
  std::uint32_t max_limit = 1000;  ///< a larger `limit` is a 400
};

/// Adds the archive, which must outlive the router, as must the clock; scope `events:read`:
///
///     GET /events        {"events":[…],"next_cursor":"…"}, the newest first; null at the end
///     GET /events/{id}   one event; 404 if there is none, 400 if that is no UUID
///     GET /stats         counts over time, see `StatsJson`
///
/// `/events` takes limit and cursor. A page of large events ends before its limit. `/stats` takes
/// `by` (event_type if missing, or another name of `store::EventFacet`), `bucket` ("5m", "1h", or
/// seconds; chosen by the time range if missing) and `limit`: how many values have a series of
/// their own, 20 if missing. It counts from since to until; without them the day before now.
///
/// Both take the filters event_id, source_service, server_hostname (or host), event_type (or type),
/// severity, user_id (or user), action_result (or result), rule_id, matched (true: only events that
/// some rule matched), since, until (times as `Timestamp::Parse` reads them, or dates) and q, a
/// text that is somewhere in the event. An empty text and an unknown parameter mean nothing.
///
/// Errors are problem details (RFC 9457), with the member `field` where one is at fault. An archive
/// that is away is a 503 with `Retry-After`.
void AddEventRoutes(http::Router& router, store::EventReader& events,
                    const EventsOptions& options = {}, const Clock& clock = SystemClock());

/// The same routes for a service whose archive is off: 404, saying so.
void AddMissingEventRoutes(http::Router& router);

}  // namespace auditflow::api
