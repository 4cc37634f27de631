#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "auditflow/http/router.hpp"
#include "auditflow/notify/channel_state.hpp"
#include "auditflow/store/outbox.hpp"

namespace auditflow::api {

struct NotificationRouteOptions {
  /// How the channels do in this program; null: it delivers nothing itself.
  std::function<std::vector<notify::ChannelState>()> channels = {};
  /// Called after something was made due again; null: whoever delivers finds out by itself.
  std::function<void()> on_replay = {};
  std::uint32_t default_limit = 100;
  std::uint32_t max_limit = 1'000;  ///< a larger `limit` is read as this
};

/// Adds what leaves the platform, over `outbox`, which must outlive the router:
///
///     GET    /notifications/channels                 state and counts of each channel
///     GET    /notifications/dead?channel=&limit=&cursor=   what was given up, the newest first
///     POST   /notifications/dead/{id}/replay         204; 404 if there is no such entry
///     POST   /notifications/dead/replay?channel=     {"replayed": n}: all of a channel
///     DELETE /notifications/dead/{id}                204; 404 as above
///
/// Reading has the scope `notifications:read`, the rest `notifications:write`. Errors are problem
/// details (RFC 9457).
void AddNotificationRoutes(http::Router& router, store::Outbox& outbox,
                           NotificationRouteOptions options = {});

}  // namespace auditflow::api
