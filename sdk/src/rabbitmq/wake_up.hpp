#pragma once

#include <atomic>

#include "auditflow/core/timestamp.hpp"

namespace auditflow::rabbitmq {

/// Wakes a thread that waits in poll(2).
///
/// Thread safety: thread-safe; one thread waits.
class WakeUp {
 public:
  WakeUp();
  ~WakeUp();
  WakeUp(const WakeUp&) = delete;
  WakeUp& operator=(const WakeUp&) = delete;

  void Signal();
  /// Until a signal, readable bytes on `socket` (-1: none), or `most` is over. Signals since the
  /// last wait count.
  void Wait(int socket, Duration most);

 private:
  const int event_;
  std::atomic<bool> signalled_ = false;
};

}  // namespace auditflow::rabbitmq
