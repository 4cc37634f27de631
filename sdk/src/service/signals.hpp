#pragma once

namespace auditflow::service {

/// Takes SIGINT, SIGTERM and SIGHUP off all threads that are started from now on, to be waited for,
/// and has SIGPIPE ignored. Only one may exist at a time, made before other threads are.
///
/// Thread safety: `Interrupt` may be called by any thread, the others by the one that made it.
class Signals {
 public:
  Signals();
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  /// Waits for one of them. @return its number; 0 after `Interrupt`.
  int Wait();
  /// Ends the `Wait` that is running or the next one.
  void Interrupt();
  /// From now on each of them ends the process at once.
  void Release();

 private:
  int signals_ = -1;
  int interrupt_ = -1;
};

}  // namespace auditflow::service
