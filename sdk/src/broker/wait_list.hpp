#pragma once

#include <mutex>
#include <stop_token>
#include <vector>

#include "auditflow/core/clock.hpp"

namespace auditflow::broker {

/// A condition variable over an injected clock: every wait can time out by that clock's time.
///
/// Thread safety: guarded by the mutex whose lock is passed to `Wait`.
class WaitList {
 public:
  /// Gives up `lock` until `NotifyAll` is called or `deadline` (of `clock.Monotonic`) has passed.
  void Wait(std::unique_lock<std::mutex>& lock, Clock& clock, Duration deadline);
  void NotifyAll();

 private:
  std::vector<std::stop_source> waiting_;
};

/// When a wait of `wait` from now is over, by `clock.Monotonic`.
Duration DeadlineAfter(const Clock& clock, Duration wait);

}  // namespace auditflow::broker
