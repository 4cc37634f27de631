#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <stop_token>
#include <string_view>

#include "auditflow/core/backoff.hpp"
#include "auditflow/core/clock.hpp"
#include "auditflow/core/random.hpp"
#include "auditflow/core/result.hpp"
#include "auditflow/observe/health.hpp"
#include "auditflow/observe/logging.hpp"

namespace auditflow::pipeline {

/// Repeats what fails until it succeeds or the worker is told to stop, and keeps one health
/// component truthful meanwhile.
///
/// What can pass is tried again with full-jitter backoff; what cannot (a wrong password, a missing
/// queue) slowly, for an operator may mend it. Thread safety: thread-compatible.
class Retrier {
 public:
  Retrier(std::string_view component, observe::HealthRegistry& health, Clock& clock);

  /// @return OK, or kCancelled once `stop` is requested.
  Status Run(const std::function<Status()>& attempt, const std::stop_token& stop);

  /// Works until `stop` is requested or `step` says kCancelled: repeats `step`, and waits after
  /// each of its failures.
  void Loop(const std::function<Result<std::size_t>(const std::stop_token&)>& step,
            const std::stop_token& stop);

  /// Says that the component works.
  void Succeeded();
  /// Says why it does not, and waits before the next attempt. @return false if `stop` came first.
  bool WaitAfter(const Status& failure, const std::stop_token& stop);

 private:
  std::string component_;
  observe::HealthRegistry& health_;
  Clock& clock_;
  std::unique_ptr<RandomSource> random_ = SystemRandom();
  Backoff backoff_{{}, *random_};
  observe::log::RateLimiter log_limit_;
};

}  // namespace auditflow::pipeline
