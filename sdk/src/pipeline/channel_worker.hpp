#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>

#include "auditflow/core/random.hpp"
#include "auditflow/observe/logging.hpp"
#include "auditflow/pipeline/notification_dispatcher.hpp"

#include "src/pipeline/circuit_breaker.hpp"
#include "src/pipeline/notification_metrics.hpp"

namespace auditflow::pipeline {

/// What the workers of a dispatcher share.
struct DispatchContext {
  store::Outbox& outbox;
  observe::HealthRegistry& health;
  NotificationDispatcherOptions options;
  Clock& clock;
  DispatchMetrics metrics;
  std::stop_source abort;  ///< of attempts under way
};

/// Delivers over one channel, see `NotificationDispatcher`.
///
/// Thread safety: `RunOnce` and `Run` by one thread; `State` and `Wake` by any.
class ChannelWorker {
 public:
  ChannelWorker(DispatchContext& context, NotificationChannel channel, std::uint64_t seed);

  [[nodiscard]] const std::string& name() const { return channel_.name; }
  void Run(const std::stop_token& stop);
  Result<Duration> RunOnce();
  void Wake();
  [[nodiscard]] notify::ChannelState State() const;
  /// Shows the breaker as it is now.
  void ShowBreaker() const;

 private:
  /// What is to be written down of an entry.
  struct Verdict {
    enum class Kind : std::uint8_t { kDelivered, kRetry, kDead };
    store::OutboxEntry entry;
    Kind kind = Kind::kDelivered;
    std::string_view outcome;  ///< the metric's label
    Timestamp retry_at = {};
    std::string error = {};
  };

  [[nodiscard]] std::stop_token RenewWake();
  [[nodiscard]] Duration Pause() const;
  [[nodiscard]] Duration Lease() const;
  Verdict Attempt(store::OutboxEntry entry);
  Verdict Judge(store::OutboxEntry entry, const notify::DeliveryOutcome& outcome);
  Verdict JudgeFailure(store::OutboxEntry entry, const notify::DeliveryOutcome& outcome);
  Duration Jitter(std::uint32_t attempts);
  Status Settle();
  Status WriteDown(const Verdict& verdict);
  /// Counts a verdict that was written down, or that came too late.
  void Count(const Verdict& verdict, bool lease_lost);
  /// Tells breaker and health. Requires no lock.
  void NoteSuccess();
  void NoteFailure(const std::string& error, std::optional<Duration> hold);
  void NoteRefusal(const std::string& error);

  DispatchContext& context_;
  const NotificationChannel channel_;
  const std::string component_;
  const std::unique_ptr<RandomSource> random_;
  observe::log::RateLimiter log_limit_;
  std::optional<Verdict> unsettled_;  ///< not written down yet: the outbox was away
  std::uint32_t refusals_ = 0;        ///< in a row

  mutable std::mutex mutex_;
  std::stop_source wake_;
  CircuitBreaker breaker_;
  notify::ChannelState state_;  ///< but for what follows from the breaker
};

}  // namespace auditflow::pipeline
