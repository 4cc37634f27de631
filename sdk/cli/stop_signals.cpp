#include "cli/stop_signals.hpp"

#include <csignal>
#include <ctime>

#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

namespace auditflow::cli {
namespace {

sigset_t All() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGHUP);
  return signals;
}

bool HasTerminal() {
  const int terminal = open("/dev/tty", O_RDONLY | O_NOCTTY | O_CLOEXEC);
  if (terminal >= 0) close(terminal);
  return terminal >= 0;
}

/// What nohup asks for.
bool IgnoresHangup() {
  struct sigaction action = {};
  return sigaction(SIGHUP, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

}  // namespace

StopSignals::StopSignals() : ends_with_terminal_(HasTerminal() && !IgnoresHangup()) {
  const sigset_t signals = All();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

StopSignals::~StopSignals() { Release(); }

int StopSignals::WaitFor(Duration timeout) {
  const sigset_t signals = All();
  timespec wait{};
  wait.tv_sec = timeout.count() / 1'000'000'000;
  wait.tv_nsec = timeout.count() % 1'000'000'000;
  const int number = sigtimedwait(&signals, nullptr, &wait);
  if (number == SIGHUP && ends_with_terminal_ && !HasTerminal()) return SIGTERM;
  return number > 0 ? number : 0;
}

void StopSignals::Release() {
  const sigset_t signals = All();
  pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
}

}  // namespace auditflow::cli
