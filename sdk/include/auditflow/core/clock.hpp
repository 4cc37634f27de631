#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <stop_token>

#include "auditflow/core/timestamp.hpp"

namespace auditflow {

/// Where time comes from: injected, so that no test sleeps for time to pass.
///
/// Thread safety: implementations are thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual Timestamp Now() const = 0;
  /// Never goes back; the zero is arbitrary.
  [[nodiscard]] virtual Duration Monotonic() const = 0;
  /// Returns early, with false, when `stop` is requested.
  virtual bool SleepFor(Duration d, const std::stop_token& stop) = 0;
};

/// The machine's clocks. One for the whole process, never destroyed.
Clock& SystemClock();

/// A clock that a test moves by hand. Sleepers wake when `Advance` has passed their deadline.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(Timestamp start = Timestamp()) : now_(start) {}
  [[nodiscard]] Timestamp Now() const override;
  [[nodiscard]] Duration Monotonic() const override;
  bool SleepFor(Duration d, const std::stop_token& stop) override;

  void Advance(Duration d);
  /// Moves the wall clock alone, as an operator or NTP would.
  void SetNow(Timestamp t);
  /// Blocks until at least `count` threads are inside `SleepFor`: only then is an `Advance` certain
  /// to be seen by them.
  void WaitForSleepers(std::size_t count);

 private:
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  Timestamp now_;
  Duration monotonic_{0};
  std::size_t sleepers_ = 0;
};

}  // namespace auditflow
