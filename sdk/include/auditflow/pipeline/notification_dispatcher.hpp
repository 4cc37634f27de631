#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "auditflow/core/backoff.hpp"
#include "auditflow/core/clock.hpp"
#include "auditflow/core/random.hpp"
#include "auditflow/core/result.hpp"
#include "auditflow/notify/channel_state.hpp"
#include "auditflow/notify/notifier.hpp"
#include "auditflow/observe/health.hpp"
#include "auditflow/observe/metrics.hpp"
#include "auditflow/store/outbox.hpp"

namespace auditflow::pipeline {

/// A channel of the outbox and who delivers over it.
struct NotificationChannel {
  std::string name;  ///< as `OutboxTarget::channel`
  std::unique_ptr<notify::Notifier> notifier;
};

struct NotificationDispatcherOptions {
  Duration poll_interval = std::chrono::seconds(1);  ///< of an outbox that has nothing due
  BackoffOptions backoff = {std::chrono::seconds(1), std::chrono::minutes(5)};
  /// The first failure of a notification that has waited longer than this is its last.
  Duration max_age = std::chrono::hours(24);
  /// A receiver's wish to wait is granted up to here.
  Duration max_retry_after = std::chrono::hours(1);
  std::uint32_t breaker_failures = 5;                    ///< in a row open the breaker
  Duration breaker_pause = std::chrono::seconds(30);     ///< until the first probe; doubles …
  Duration max_breaker_pause = std::chrono::minutes(5);  ///< … up to here
  /// A lease lasts as long as an attempt may, and this.
  Duration lease_grace = std::chrono::seconds(30);
  Duration numbers_interval = std::chrono::seconds(15);  ///< of counting what waits
  /// What was given up longer ago is forgotten; zero: nothing for its age.
  Duration dead_max_age = std::chrono::hours(24) * 30;
  /// Of what was given up, so many are kept, the newest; see `Outbox::ForgetDead`.
  std::uint64_t dead_max_count = 100'000;
  std::uint64_t seed = 0;  ///< of the jitter; 0: the system's randomness
};

/// Delivers what stands in the outbox, with one thread per channel: a slow receiver holds up no
/// other.
///
/// Each notification is delivered at least once, one at a time per channel and process, the one
/// that has waited longest first. A failure that can pass is tried again with full-jitter
/// exponential backoff, and not before the receiver's `Retry-After`, for which the whole channel
/// waits. After `breaker_failures` in a row the channel pauses and then tries with one notification
/// at a time until one is delivered. What the receiver refuses for good, and what grew too old, is
/// given up: see `Outbox::ListDead`.
///
/// When the outbox cannot be reached, what came of an attempt is kept and written down before the
/// next one.
///
/// Metrics: auditflow_notifications_total{channel,outcome="delivered|retried|refused|expired|
/// lost_lease"}, auditflow_notifications_pending, …_dead and …_oldest_pending_seconds{channel},
/// auditflow_notifications_forgotten_total (given up and then beyond `dead_max_age` or
/// `dead_max_count`), auditflow_notification_breaker_state{channel} (0 closed, 1 half-open, 2
/// open), auditflow_notification_attempt_seconds{channel},
/// auditflow_notification_alert_to_delivered_seconds. Health: a component "notify_<channel>" each,
/// informational.
///
/// Thread safety: thread-safe. The collaborators must outlive it.
class NotificationDispatcher {
 public:
  NotificationDispatcher(store::Outbox& outbox, std::vector<NotificationChannel> channels,
                         observe::Metrics& metrics, observe::HealthRegistry& health,
                         const NotificationDispatcherOptions& options = {},
                         Clock& clock = SystemClock());
  /// As `Stop(Duration::zero())`.
  ~NotificationDispatcher();
  NotificationDispatcher(const NotificationDispatcher&) = delete;
  NotificationDispatcher& operator=(const NotificationDispatcher&) = delete;

  /// Starts the threads; once.
  void Start();
  /// Something is due: look now instead of at the next poll. Cheap; for `AlertIngest::on_stored`.
  void Wake();
  /// Claims nothing more, lets attempts under way finish within `deadline`, then aborts them.
  /// @return kDeadlineExceeded if something had to be aborted.
  Status Stop(Duration deadline);

  [[nodiscard]] std::vector<notify::ChannelState> Channels() const;

  /// What a channel's thread repeats: one notification, if one is due and the channel does not
  /// pause. @return how long there is nothing to do; zero after an attempt; an error if the outbox
  /// cannot be reached. For a program without threads.
  Result<Duration> RunOnce(std::string_view channel, const std::stop_token& stop);
  /// Counts what waits, for the metrics, and forgets what was given up and is kept no longer.
  Status RefreshNumbers();

 private:
  struct Impl;
  const std::unique_ptr<Impl> impl_;
};

}  // namespace auditflow::pipeline
