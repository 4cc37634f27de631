#include "auditflow/core/clock.hpp"

#include <cassert>

#include "src/core/saturate.hpp"

namespace auditflow {
namespace {

class MachineClock final : public Clock {
 public:
  [[nodiscard]] Timestamp Now() const override {
    const auto since = std::chrono::system_clock::now().time_since_epoch();
    return Timestamp::FromUnixNanos(std::chrono::duration_cast<Duration>(since).count());
  }
  [[nodiscard]] Duration Monotonic() const override {
    return std::chrono::steady_clock::now().time_since_epoch();
  }
  bool SleepFor(Duration d, const std::stop_token& stop) override {
    using Steady = std::chrono::steady_clock;
    const Steady::time_point deadline(SaturatingAdd(Monotonic(), d));
    std::mutex mutex;
    std::unique_lock lock(mutex);
    std::condition_variable_any stopped;
    stopped.wait_until(lock, stop, deadline, [] { return false; });
    return !stop.stop_requested();
  }
};

}  // namespace

Clock& SystemClock() {
  static auto* const clock = new MachineClock;
  return *clock;
}

Timestamp ManualClock::Now() const {
  const std::lock_guard lock(mutex_);
  return now_;
}

Duration ManualClock::Monotonic() const {
  const std::lock_guard lock(mutex_);
  return monotonic_;
}

bool ManualClock::SleepFor(Duration d, const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  const Duration deadline = SaturatingAdd(monotonic_, d);
  ++sleepers_;
  changed_.notify_all();
  changed_.wait(lock, stop, [&] { return monotonic_ >= deadline; });
  --sleepers_;
  return !stop.stop_requested();
}

void ManualClock::Advance(Duration d) {
  assert(d >= Duration::zero());
  const std::lock_guard lock(mutex_);
  now_ = now_ + d;
  monotonic_ = SaturatingAdd(monotonic_, d);
  changed_.notify_all();
}

void ManualClock::SetNow(Timestamp t) {
  const std::lock_guard lock(mutex_);
  now_ = t;
}

void ManualClock::WaitForSleepers(std::size_t count) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return sleepers_ >= count; });
}

}  // namespace auditflow
