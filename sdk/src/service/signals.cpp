#include "src/service/signals.hpp"

#include <csignal>
#include <cstdint>

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

namespace auditflow::service {
namespace {

sigset_t Watched() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGHUP);
  return signals;
}

}  // namespace

Signals::Signals() {
  std::signal(SIGPIPE, SIG_IGN);
  const sigset_t signals = Watched();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signals_ = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
  interrupt_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
}

Signals::~Signals() {
  Release();
  if (signals_ >= 0) close(signals_);
  if (interrupt_ >= 0) close(interrupt_);
}

int Signals::Wait() {
  for (;;) {
    pollfd watched[] = {{.fd = signals_, .events = POLLIN, .revents = 0},
                        {.fd = interrupt_, .events = POLLIN, .revents = 0}};
    if (poll(watched, 2, -1) < 0) continue;  // interrupted by a signal that is none of ours
    signalfd_siginfo info{};
    if (read(signals_, &info, sizeof info) == static_cast<ssize_t>(sizeof info)) {
      return static_cast<int>(info.ssi_signo);
    }
    std::uint64_t count = 0;
    if (read(interrupt_, &count, sizeof count) == static_cast<ssize_t>(sizeof count)) return 0;
  }
}

void Signals::Interrupt() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(interrupt_, &one, sizeof one);
}

void Signals::Release() {
  const sigset_t signals = Watched();
  pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
}

}  // namespace auditflow::service
