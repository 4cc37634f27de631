#include "src/pipeline/channel_worker.hpp"

#include <algorithm>
#include <utility>

#include "auditflow/core/backoff.hpp"

namespace auditflow::pipeline {
namespace {

constexpr Duration kLogInterval = std::chrono::seconds(10);

double GaugeOf(notify::BreakerState state) {
  switch (state) {
    case notify::BreakerState::kClosed:
      return 0;
    case notify::BreakerState::kHalfOpen:
      return 1;
    case notify::BreakerState::kOpen:
      return 2;
  }
  return 0;
}

}  // namespace

ChannelWorker::ChannelWorker(DispatchContext& context, NotificationChannel channel,
                             std::uint64_t seed)
    : context_(context),
      channel_(std::move(channel)),
      component_("notify_" + channel_.name),
      random_(seed == 0 ? SystemRandom() : SeededRandom(seed)),
      log_limit_(kLogInterval, context.clock),
      breaker_({.failures = context.options.breaker_failures,
                .pause = context.options.breaker_pause,
                .max_pause = context.options.max_breaker_pause}) {
  state_.channel = channel_.name;
  state_.receiver = channel_.notifier->Describe();
  context_.health.Register(component_, observe::Criticality::kInformational);
  context_.health.Set(component_, true, "nothing delivered yet");
  ShowBreaker();
}

std::stop_token ChannelWorker::RenewWake() {
  const std::lock_guard lock(mutex_);
  wake_ = std::stop_source();
  return wake_.get_token();
}

void ChannelWorker::Wake() {
  const std::lock_guard lock(mutex_);
  wake_.request_stop();
}

Duration ChannelWorker::Lease() const {
  return channel_.notifier->deadline() + context_.options.lease_grace;
}

Duration ChannelWorker::Pause() const {
  const std::lock_guard lock(mutex_);
  return breaker_.Wait(context_.clock.Monotonic());
}

void ChannelWorker::ShowBreaker() const {
  const std::lock_guard lock(mutex_);
  context_.metrics.breaker.With({channel_.name})
      .Set(GaugeOf(breaker_.State(context_.clock.Monotonic())));
}

notify::ChannelState ChannelWorker::State() const {
  const std::lock_guard lock(mutex_);
  const Duration now = context_.clock.Monotonic();
  notify::ChannelState state = state_;
  state.breaker = breaker_.State(now);
  state.failures_in_a_row = breaker_.failures();
  const Duration wait = breaker_.Wait(now);
  if (wait > Duration::zero()) state.resumes_at = context_.clock.Now() + wait;
  return state;
}

void ChannelWorker::Run(const std::stop_token& stop) {
  const std::stop_callback wake_at_stop(stop, [this] { Wake(); });
  Backoff backoff({}, *random_);
  while (true) {
    const std::stop_token wake = RenewWake();
    // After the renewal, or a stop in between would be slept through.
    if (stop.stop_requested()) return;
    const Result<Duration> wait = RunOnce();
    if (wait) {
      backoff.Reset();
      if (*wait > Duration::zero()) context_.clock.SleepFor(*wait, wake);
      continue;
    }
    context_.health.Set(component_, false, "outbox: " + wait.error().message());
    if (const auto held_back = log_limit_.Admit()) {
      observe::log::Warning(component_, "outbox: " + wait.error().message(),
                            {{"held_back", *held_back}});
    }
    // Not woken early: whoever wakes us does not know that the outbox is away.
    context_.clock.SleepFor(backoff.Next(), stop);
  }
}

Result<Duration> ChannelWorker::RunOnce() {
  Status settled = Settle();
  if (!settled.ok()) return Error(std::move(settled));
  ShowBreaker();
  const Duration pause = Pause();
  if (pause > Duration::zero()) return pause;
  auto claimed = context_.outbox.Claim({channel_.name, 1, Lease()});
  if (!claimed) return Error(claimed.error());
  if (claimed->empty()) return context_.options.poll_interval;
  unsettled_ = Attempt(std::move(claimed->front()));
  settled = Settle();
  if (!settled.ok()) return Error(std::move(settled));
  return Duration::zero();
}

ChannelWorker::Verdict ChannelWorker::Attempt(store::OutboxEntry entry) {
  const notify::Notification notification{entry.idempotency_key, entry.alert, entry.attempts};
  const observe::log::ScopedCorrelationId scope(entry.alert.alert_id.ToString());
  const Duration begin = context_.clock.Monotonic();
  const std::stop_token abort = context_.abort.get_token();
  const notify::DeliveryOutcome outcome = channel_.notifier->Deliver(notification, abort);
  context_.metrics.attempt_seconds.With({channel_.name})
      .Observe(context_.clock.Monotonic() - begin);
  if (outcome.kind == notify::DeliveryOutcome::Kind::kRetry && abort.stop_requested()) {
    // The receiver is not to blame, and the next program may try at once.
    return {std::move(entry), Verdict::Kind::kRetry, "retried", context_.clock.Now(),
            outcome.error};
  }
  return Judge(std::move(entry), outcome);
}

ChannelWorker::Verdict ChannelWorker::Judge(store::OutboxEntry entry,
                                            const notify::DeliveryOutcome& outcome) {
  switch (outcome.kind) {
    case notify::DeliveryOutcome::Kind::kDelivered:
      NoteSuccess();
      return {std::move(entry), Verdict::Kind::kDelivered, "delivered"};
    case notify::DeliveryOutcome::Kind::kRefused:
      NoteRefusal(outcome.error);
      return {std::move(entry), Verdict::Kind::kDead, "refused", {}, outcome.error};
    case notify::DeliveryOutcome::Kind::kRetry:
      break;
  }
  return JudgeFailure(std::move(entry), outcome);
}

ChannelWorker::Verdict ChannelWorker::JudgeFailure(store::OutboxEntry entry,
                                                   const notify::DeliveryOutcome& outcome) {
  std::optional<Duration> hold = outcome.retry_after;
  if (hold) hold = std::clamp(*hold, Duration::zero(), context_.options.max_retry_after);
  NoteFailure(outcome.error, hold);
  const Timestamp now = context_.clock.Now();
  if (now - entry.queued_at > context_.options.max_age) {
    return {
        std::move(entry),
        Verdict::Kind::kDead,
        "expired",
        {},
        "waited longer than " + FormatDuration(context_.options.max_age) + ": " + outcome.error};
  }
  const Duration wait = std::max(Jitter(entry.attempts), hold.value_or(Duration::zero()));
  return {std::move(entry), Verdict::Kind::kRetry, "retried", now + wait, outcome.error};
}

Duration ChannelWorker::Jitter(std::uint32_t attempts) {
  constexpr std::uint32_t kMostDoublings = 30;
  const BackoffOptions& backoff = context_.options.backoff;
  const std::uint32_t doublings = std::min(attempts > 0 ? attempts - 1 : 0, kMostDoublings);
  Duration longest = backoff.base;
  for (std::uint32_t i = 0; i < doublings && longest < backoff.max; ++i) longest *= 2;
  longest = std::min(longest, backoff.max);
  return Duration(static_cast<std::int64_t>(
      random_->Below(static_cast<std::uint64_t>(std::max<std::int64_t>(longest.count(), 0)) + 1)));
}

Status ChannelWorker::WriteDown(const Verdict& verdict) {
  switch (verdict.kind) {
    case Verdict::Kind::kDelivered:
      return context_.outbox.Delivered(verdict.entry);
    case Verdict::Kind::kRetry:
      return context_.outbox.RetryAt(verdict.entry, verdict.retry_at, verdict.error);
    case Verdict::Kind::kDead:
      break;
  }
  return context_.outbox.DeadLetter(verdict.entry, verdict.error);
}

Status ChannelWorker::Settle() {
  if (!unsettled_) return Status();
  Status status = WriteDown(*unsettled_);
  const bool lease_lost = status.code() == StatusCode::kFailedPrecondition && !status.retryable();
  if (!status.ok() && !lease_lost) return status;
  Count(*unsettled_, lease_lost);
  unsettled_.reset();
  return Status();
}

void ChannelWorker::Count(const Verdict& verdict, bool lease_lost) {
  const std::string_view outcome = lease_lost ? "lost_lease" : verdict.outcome;
  context_.metrics.outcomes.With({channel_.name, outcome}).Increment();
  if (verdict.kind == Verdict::Kind::kDead) {
    observe::log::Warning(component_, "notification given up",
                          {{"alert_id", verdict.entry.alert.alert_id.ToString()},
                           {"attempts", verdict.entry.attempts},
                           {"reason", verdict.error}});
  }
  if (verdict.kind == Verdict::Kind::kDelivered) {
    context_.metrics.alert_to_delivered_seconds.Observe(context_.clock.Now() -
                                                        verdict.entry.alert.timestamp);
  }
  const std::lock_guard lock(mutex_);
  state_.delivered += verdict.kind == Verdict::Kind::kDelivered ? 1 : 0;
  state_.retried += verdict.kind == Verdict::Kind::kRetry ? 1 : 0;
  state_.dead_lettered += verdict.kind == Verdict::Kind::kDead ? 1 : 0;
}

void ChannelWorker::NoteSuccess() {
  refusals_ = 0;
  {
    const std::lock_guard lock(mutex_);
    breaker_.Succeeded();
    state_.last_delivered_at = context_.clock.Now();
  }
  if (context_.health.Set(component_, true)) observe::log::Info(component_, "up");
  ShowBreaker();
}

void ChannelWorker::NoteFailure(const std::string& error, std::optional<Duration> hold) {
  refusals_ = 0;
  bool opened = false;
  {
    const std::lock_guard lock(mutex_);
    const Duration now = context_.clock.Monotonic();
    breaker_.Failed(now, hold);
    opened = breaker_.State(now) == notify::BreakerState::kOpen;
    state_.last_error = store::StorableError(error);
    state_.last_error_at = context_.clock.Now();
  }
  if (opened) context_.health.Set(component_, false, error);
  if (const auto held_back = log_limit_.Admit()) {
    observe::log::Warning(component_, error, {{"pauses", opened}, {"held_back", *held_back}});
  }
  ShowBreaker();
}

void ChannelWorker::NoteRefusal(const std::string& error) {
  {
    const std::lock_guard lock(mutex_);
    breaker_.Succeeded();  // the receiver is there and answers
    state_.last_error = store::StorableError(error);
    state_.last_error_at = context_.clock.Now();
  }
  // That many in a row are hardly the fault of each notification.
  if (++refusals_ >= context_.options.breaker_failures) {
    context_.health.Set(component_, false, error);
  }
  ShowBreaker();
}

}  // namespace auditflow::pipeline
