#include "src/rabbitmq/watchdog.hpp"

#include <algorithm>

#include <sys/socket.h>

namespace auditflow::rabbitmq {

void Watchdog::Start() {
  thread_ = std::jthread([this](const std::stop_token& stop) {
    while (clock_.SleepFor(Check(), stop)) {
    }
  });
}

void Watchdog::Stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

void Watchdog::Watch(int socket) {
  const std::lock_guard lock(mutex_);
  socket_ = socket;
}

void Watchdog::Enter() { entered_.store(std::max<std::int64_t>(clock_.Monotonic().count(), 1)); }

void Watchdog::Leave() { entered_.store(0); }

Duration Watchdog::Check() {
  const std::int64_t entered = entered_.load();
  if (entered == 0) return limit_;
  const Duration left = Duration(entered) + limit_ - clock_.Monotonic();
  if (left > Duration::zero()) return left;
  {
    const std::lock_guard lock(mutex_);
    // A call that began since then is not the one that hangs.
    if (socket_ < 0 || entered_.load() != entered) return limit_;
    shutdown(socket_, SHUT_RDWR);
    socket_ = -1;
    ++freed_;
  }
  return limit_;
}

void Watchdog::Interrupt() {
  const std::lock_guard lock(mutex_);
  if (socket_ >= 0) shutdown(socket_, SHUT_RDWR);
}

std::uint64_t Watchdog::freed() const {
  const std::lock_guard lock(mutex_);
  return freed_;
}

}  // namespace auditflow::rabbitmq
