#include "cli/stop_signals.hpp"

#include <csignal>
#include <ctime>

#include <pthread.h>

namespace auditflow::cli {
namespace {

sigset_t Both() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  return signals;
}

}  // namespace

StopSignals::StopSignals() {
  const sigset_t signals = Both();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

StopSignals::~StopSignals() { Release(); }

int StopSignals::WaitFor(Duration timeout) {
  const sigset_t signals = Both();
  timespec wait{};
  wait.tv_sec = timeout.count() / 1'000'000'000;
  wait.tv_nsec = timeout.count() % 1'000'000'000;
  const int number = sigtimedwait(&signals, nullptr, &wait);
  return number > 0 ? number : 0;
}

void StopSignals::Release() {
  const sigset_t signals = Both();
  pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
}

}  // namespace auditflow::cli
