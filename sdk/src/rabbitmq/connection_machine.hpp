#pragma once

#include "auditflow/core/backoff.hpp"
#include "auditflow/core/random.hpp"
#include "auditflow/core/status.hpp"
#include "auditflow/rabbitmq/connection_health.hpp"
#include "auditflow/rabbitmq/options.hpp"

namespace auditflow::rabbitmq {

/// When to connect, and what to say about it: the life of a connection without any I/O.
///
///   kWaiting → kConnecting → kReady → kWaiting …; kStopped from each of them.
///
/// A failure that no retry can help (`Status::retryable()` is false) waits for about
/// `permanent_retry`, any other as the backoff says. The backoff starts anew only after a
/// connection that lasted for `backoff.max`: a broker that accepts and drops is not hammered.
///
/// Times are readings of a monotonic clock. Thread safety: thread-compatible.
class ConnectionMachine {
 public:
  struct Options {
    BackoffOptions backoff;
    Duration permanent_retry;
  };
  struct Now {
    Duration monotonic;
    Timestamp wall;
  };

  ConnectionMachine(const Options& options, RandomSource& random, const Now& now);

  /// How long until the next attempt is due; zero if it is. Only in kWaiting.
  [[nodiscard]] Duration UntilDue(Duration now) const;
  void OnConnecting();
  void OnReady(const Now& now);
  /// An attempt failed or the connection was lost.
  void OnLost(const Status& why, const Now& now);
  void OnBlocked(std::string_view reason, const Now& now);
  void OnUnblocked(const Now& now);
  void OnStopped(const Now& now);

  [[nodiscard]] const ConnectionHealth& health() const { return health_; }
  /// Total time under an alarm.
  [[nodiscard]] Duration BlockedFor(Duration now) const;

 private:
  [[nodiscard]] Duration Pause(const Status& why);
  void EndReady(const Now& now);

  const Options options_;
  RandomSource& random_;
  Backoff backoff_;
  ConnectionHealth health_;
  Duration due_;
  Duration ready_since_{0};
  Duration blocked_since_{0};
  Duration blocked_total_{0};
};

}  // namespace auditflow::rabbitmq
