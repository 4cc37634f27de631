#pragma once

#include <cstdint>
#include <optional>

#include "auditflow/core/timestamp.hpp"
#include "auditflow/notify/channel_state.hpp"

namespace auditflow::pipeline {

struct CircuitBreakerOptions {
  std::uint32_t failures = 5;  ///< in a row open it
  Duration pause = std::chrono::seconds(30);
  Duration max_pause = std::chrono::minutes(5);
};

/// Keeps a channel from being tried while its receiver fails again and again: opens after some
/// failures in a row, lets one attempt through when the pause is over (half-open), and closes when
/// that succeeds; else the next pause is twice as long.
///
/// Times are readings of a monotonic clock. Thread safety: thread-compatible.
class CircuitBreaker {
 public:
  explicit CircuitBreaker(const CircuitBreakerOptions& options) : options_(options) {}

  void Succeeded();
  /// `hold`: how long the receiver wants to be left alone.
  void Failed(Duration now, std::optional<Duration> hold);

  [[nodiscard]] notify::BreakerState State(Duration now) const;
  /// How long nothing may be tried; zero if something may.
  [[nodiscard]] Duration Wait(Duration now) const;
  [[nodiscard]] std::uint32_t failures() const { return failures_; }

 private:
  const CircuitBreakerOptions options_;
  std::uint32_t failures_ = 0;
  bool open_ = false;  ///< or half-open
  Duration pause_{0};
  std::optional<Duration> resumes_;
};

}  // namespace auditflow::pipeline
