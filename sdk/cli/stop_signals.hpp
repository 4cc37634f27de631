#pragma once

#include "auditflow/core/timestamp.hpp"

namespace auditflow::cli {

/// Takes SIGINT, SIGTERM and SIGHUP off all threads that are started from now on, to be waited for.
///
/// SIGHUP has two meanings: someone sent it, to have the rules read again, or the terminal is gone,
/// and with it whoever could stop the program.
///
/// Only one may exist at a time, made on the main thread before it starts others.
class StopSignals {
 public:
  StopSignals();
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  /// Waits for one of them. @return its number, 0 if `timeout` passed first. The SIGHUP of a
  /// terminal that is gone is returned as SIGTERM.
  int WaitFor(Duration timeout);
  /// From now on each of them ends the process at once.
  void Release();

 private:
  bool ends_with_terminal_;
};

}  // namespace auditflow::cli
