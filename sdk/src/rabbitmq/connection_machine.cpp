#include "src/rabbitmq/connection_machine.hpp"

#include <algorithm>

namespace auditflow::rabbitmq {

ConnectionMachine::ConnectionMachine(const Options& options, RandomSource& random, const Now& now)
    : options_(options), random_(random), backoff_(options.backoff, random), due_(now.monotonic) {
  health_.since = now.wall;
  health_.reason = "connecting";
}

Duration ConnectionMachine::UntilDue(Duration now) const {
  return std::max(Duration::zero(), due_ - now);
}

void ConnectionMachine::OnConnecting() { health_.state = ConnectionState::kConnecting; }

void ConnectionMachine::OnReady(const Now& now) {
  health_.state = ConnectionState::kReady;
  health_.since = now.wall;
  health_.reason.clear();
  health_.permanent = false;
  ++health_.connections;
  ready_since_ = now.monotonic;
}

void ConnectionMachine::OnLost(const Status& why, const Now& now) {
  EndReady(now);
  health_.state = ConnectionState::kWaiting;
  health_.reason = why.message();
  health_.last_failure = why.message();
  health_.permanent = !why.retryable();
  ++health_.failures;
  due_ = now.monotonic + Pause(why);
}

void ConnectionMachine::EndReady(const Now& now) {
  OnUnblocked(now);
  if (health_.state != ConnectionState::kReady) return;
  health_.since = now.wall;
  if (now.monotonic - ready_since_ >= options_.backoff.max) backoff_.Reset();
}

Duration ConnectionMachine::Pause(const Status& why) {
  if (why.retryable()) return backoff_.Next();
  const auto half = static_cast<std::uint64_t>(options_.permanent_retry.count()) / 2;
  return options_.permanent_retry - Duration(static_cast<Duration::rep>(random_.Below(half + 1)));
}

void ConnectionMachine::OnBlocked(std::string_view reason, const Now& now) {
  health_.reason = "blocked by the broker: " + std::string(reason);
  if (health_.blocked) return;
  health_.blocked = true;
  blocked_since_ = now.monotonic;
}

void ConnectionMachine::OnUnblocked(const Now& now) {
  if (!health_.blocked) return;
  blocked_total_ += now.monotonic - blocked_since_;
  health_.blocked = false;
  health_.reason.clear();
}

void ConnectionMachine::OnStopped(const Now& now) {
  EndReady(now);
  health_.state = ConnectionState::kStopped;
  health_.reason = "shut down";
}

Duration ConnectionMachine::BlockedFor(Duration now) const {
  return blocked_total_ + (health_.blocked ? now - blocked_since_ : Duration::zero());
}

}  // namespace auditflow::rabbitmq
