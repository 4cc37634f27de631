#pragma once

#include "auditflow/core/timestamp.hpp"

namespace auditflow::cli {

/// Takes SIGINT and SIGTERM off all threads that are started from now on, to be waited for.
///
/// Only one may exist at a time, made on the main thread before it starts others.
class StopSignals {
 public:
  StopSignals();
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  /// Waits for one of them. @return its number, 0 if `timeout` passed first.
  int WaitFor(Duration timeout);
  /// From now on each of them ends the process at once.
  void Release();
};

}  // namespace auditflow::cli
