#include "src/postgres/watchdog.hpp"

#include <algorithm>
#include <utility>

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace auditflow::postgres {

Watchdog::Watch::Watch(Watch&& other) noexcept
    : owner_(std::exchange(other.owner_, nullptr)), id_(other.id_) {}

Watchdog::Watch& Watchdog::Watch::operator=(Watch&& other) noexcept {
  std::swap(owner_, other.owner_);
  std::swap(id_, other.id_);
  return *this;
}

Watchdog::Watch::~Watch() {
  if (owner_ != nullptr) owner_->Remove(id_);
}

Watchdog::Watchdog(Clock& clock)
    : clock_(clock), thread_([this](const std::stop_token& stop) { Run(stop); }) {}

Watchdog::~Watchdog() {
  thread_.request_stop();
  {
    const std::lock_guard lock(mutex_);
    wake_.request_stop();
  }
  thread_.join();
}

Watchdog::Watch Watchdog::Guard(int socket, Duration limit) {
  const int duplicate = ::fcntl(socket, F_DUPFD_CLOEXEC, 0);
  if (duplicate < 0) return {};
  const std::lock_guard lock(mutex_);
  const std::uint64_t id = next_id_++;
  const Duration deadline = clock_.Monotonic() + limit;
  const bool is_first = std::all_of(entries_.begin(), entries_.end(), [&](const auto& entry) {
    return entry.second.cut || entry.second.deadline > deadline;
  });
  entries_.emplace(id, Entry{.socket = duplicate, .deadline = deadline});
  if (is_first) wake_.request_stop();
  return {this, id};
}

void Watchdog::Remove(std::uint64_t id) {
  const std::lock_guard lock(mutex_);
  const auto entry = entries_.find(id);
  ::close(entry->second.socket);
  entries_.erase(entry);
}

Duration Watchdog::CutOverdue() {
  const Duration now = clock_.Monotonic();
  Duration next = std::chrono::hours(1);
  for (auto& [id, entry] : entries_) {
    if (entry.cut) continue;
    if (entry.deadline <= now) {
      ::shutdown(entry.socket, SHUT_RDWR);
      entry.cut = true;
    } else {
      next = std::min(next, entry.deadline - now);
    }
  }
  return next;
}

void Watchdog::Run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    Duration pause{};
    std::stop_token wake;
    {
      const std::lock_guard lock(mutex_);
      wake_ = std::stop_source();
      if (stop.stop_requested()) return;
      wake = wake_.get_token();
      pause = CutOverdue();
    }
    clock_.SleepFor(pause, wake);
  }
}

}  // namespace auditflow::postgres
