#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <thread>

#include "auditflow/core/clock.hpp"
#include "auditflow/core/timestamp.hpp"

namespace auditflow::rabbitmq {

/// Frees a thread that hangs in a call of the client library, by shutting its socket down: while a
/// broker under an alarm does not read, a publish would wait without end, and no heartbeat ends it.
///
/// Thread safety: `Watch`, `Forget` and `Call` belong to the watched thread, the rest to any.
class Watchdog {
 public:
  Watchdog(Duration limit, Clock& clock) : limit_(limit), clock_(clock) {}
  ~Watchdog() { Stop(); }
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

  /// Starts the thread that looks.
  void Start();
  void Stop();

  /// The socket to shut down from now on; `Forget` before it is closed.
  void Watch(int socket);
  void Forget() { Watch(-1); }

  /// One look. @return how long until the next can find something.
  Duration Check();
  /// Shuts the socket down at once, so that the watched thread comes back soon.
  void Interrupt();
  /// How often a call was found hanging.
  [[nodiscard]] std::uint64_t freed() const;

  /// Lives as long as a call into the library.
  class Call {
   public:
    explicit Call(Watchdog& dog) : dog_(dog) { dog_.Enter(); }
    ~Call() { dog_.Leave(); }
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;

   private:
    Watchdog& dog_;
  };

 private:
  void Enter();
  void Leave();

  const Duration limit_;
  Clock& clock_;
  mutable std::mutex mutex_;
  int socket_ = -1;
  std::uint64_t freed_ = 0;
  /// Monotonic nanoseconds at which the present call began; 0 outside of calls.
  std::atomic<std::int64_t> entered_ = 0;
  std::jthread thread_;
};

}  // namespace auditflow::rabbitmq
