#include "src/broker/wait_list.hpp"

#include <algorithm>

namespace auditflow::broker {

void WaitList::Wait(std::unique_lock<std::mutex>& lock, Clock& clock, Duration deadline) {
  const std::stop_source self = waiting_.emplace_back();
  const Duration left = deadline - clock.Monotonic();
  lock.unlock();
  clock.SleepFor(left, self.get_token());
  lock.lock();
  // Still there if time woke it rather than a notification.
  const auto at = std::find(waiting_.begin(), waiting_.end(), self);
  if (at != waiting_.end()) waiting_.erase(at);
}

void WaitList::NotifyAll() {
  for (std::stop_source& waiter : waiting_) waiter.request_stop();
  waiting_.clear();
}

Duration DeadlineAfter(const Clock& clock, Duration wait) {
  const Duration now = clock.Monotonic();
  if (wait <= Duration::zero()) return now;
  return wait > Duration::max() - now ? Duration::max() : now + wait;
}

}  // namespace auditflow::broker
