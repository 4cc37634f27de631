#include "src/pipeline/circuit_breaker.hpp"

#include <algorithm>

namespace auditflow::pipeline {

void CircuitBreaker::Succeeded() {
  failures_ = 0;
  open_ = false;
  resumes_.reset();
}

void CircuitBreaker::Failed(Duration now, std::optional<Duration> hold) {
  ++failures_;
  Duration wait = hold.value_or(Duration::zero());
  if (open_ || failures_ >= options_.failures) {
    pause_ = open_ ? std::min(pause_ * 2, options_.max_pause) : options_.pause;
    open_ = true;
    wait = std::max(wait, pause_);
  }
  if (wait > Duration::zero()) resumes_ = now + wait;
}

notify::BreakerState CircuitBreaker::State(Duration now) const {
  if (!open_) return notify::BreakerState::kClosed;
  return Wait(now) > Duration::zero() ? notify::BreakerState::kOpen
                                      : notify::BreakerState::kHalfOpen;
}

Duration CircuitBreaker::Wait(Duration now) const {
  return resumes_ ? std::max(*resumes_ - now, Duration::zero()) : Duration::zero();
}

}  // namespace auditflow::pipeline
