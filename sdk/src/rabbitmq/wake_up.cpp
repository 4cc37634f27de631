#include "src/rabbitmq/wake_up.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace auditflow::rabbitmq {

WakeUp::WakeUp() : event_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

WakeUp::~WakeUp() {
  if (event_ >= 0) close(event_);
}

void WakeUp::Signal() {
  // One byte in the kernel is enough until the waiter has seen it.
  if (signalled_.exchange(true)) return;
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = write(event_, &one, sizeof one);
}

void WakeUp::Wait(int socket, Duration most) {
  // Without descriptors left for the event there is still the timeout.
  if (event_ < 0) most = std::min<Duration>(most, std::chrono::milliseconds(5));
  std::array<pollfd, 2> watched = {pollfd{event_, POLLIN, 0}, pollfd{socket, POLLIN, 0}};
  const auto limit = std::clamp<Duration>(most, Duration::zero(), std::chrono::hours(1));
  const timespec timeout = {static_cast<time_t>(limit.count() / 1'000'000'000),
                            static_cast<long>(limit.count() % 1'000'000'000)};
  ppoll(watched.data(), watched.size(), &timeout, nullptr);
  if (signalled_.exchange(false)) {
    std::uint64_t count = 0;
    [[maybe_unused]] const auto got = read(event_, &count, sizeof count);
  }
}

}  // namespace auditflow::rabbitmq
