#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "auditflow/broker/broker.hpp"
#include "auditflow/core/timestamp.hpp"
#include "auditflow/generate/event_completer.hpp"
#include "auditflow/generate/event_generator.hpp"
#include "auditflow/http/router.hpp"
#include "auditflow/observe/pipeline_metrics.hpp"
#include "auditflow/pipeline/event_feed.hpp"

namespace auditflow::api {

struct EventRequestOptions {
  /// How long a request waits for the broker's confirm, with one of the server's threads.
  Duration confirm_timeout = std::chrono::seconds(5);
  /// How many threads the server has; 0: more than will ever wait. The request that takes the last
  /// of them waits no longer than `last_timeout`; once that was in vain, others that would take it
  /// are refused at once until an event is confirmed. So a broker that hangs leaves a thread for
  /// health and metrics.
  std::size_t threads = 0;
  Duration last_timeout = std::chrono::seconds(1);
  /// Whether it is of any use to wait: while this fails, requests are refused at once. Called by
  /// handler threads, several at once.
  std::function<Status()> ready = {};
};

/// Adds the way in for events on request, scope events:write:
///
///     POST /generate_event    202 {"status":"success","event_id":"…"}
///
/// 202 means that the broker has confirmed the event. 400 `{"error":…}` for what `completer`
/// refuses, 503 with `Retry-After` as problem details when the broker did not take the event or not
/// in time: it may have it all the same, so a client that tries again with the same `event_id` is
/// certain to be counted once. 415 for a body that says that it is not JSON.
///
/// All references must outlive the router.
void AddEventRequestRoute(http::Router& router, generate::EventCompleter& completer,
                          broker::Publisher& publisher, observe::GeneratorMetrics& metrics,
                          EventRequestOptions options = {});

/// The highest rate that `PUT /rate` takes, far above what any broker does.
inline constexpr double kMaxRate = 1e6;

/// Adds the rate of a feed, scopes rate:read and rate:write:
///
///     GET /rate    200 {"events_per_second":5,"measured_events_per_second":4.98,"published":812}
///     PUT /rate    {"events_per_second":1000}; 0 pauses. Answers the same
///
/// The measured rate is that of confirmed events over the last ten seconds. 400 as problem details
/// for what is no number from 0 to `kMaxRate`. `feed` must outlive the router.
void AddRateRoutes(http::Router& router, pipeline::EventFeed& feed);

/// Adds the traffic mix of a generator, scopes rate:read and rate:write:
///
///     GET /mix    200 {"mix":"uniform","mixes":[{"name":"uniform","summary":"…"},…]}
///     PUT /mix    {"mix":"insider"}. Answers the same
///
/// `current` is the name of the mix that the generator was made with. `generator` must outlive the
/// router.
void AddMixRoutes(http::Router& router, generate::EventGenerator& generator, std::string current);

}  // namespace auditflow::api
