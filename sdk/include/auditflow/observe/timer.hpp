#pragma once

#include "auditflow/core/clock.hpp"
#include "auditflow/observe/metrics.hpp"

namespace auditflow::observe {

/// Measures the time from its construction to its end, in a histogram of seconds.
///
/// Thread safety: thread-compatible. Histogram and clock must outlive it.
class ScopedTimer {
 public:
  explicit ScopedTimer(Histogram& histogram, const Clock& clock = SystemClock())
      : histogram_(histogram), clock_(clock), start_(clock.Monotonic()) {}
  ~ScopedTimer() {
    if (!cancelled_) histogram_.Observe(Elapsed());
  }
  ScopedTimer(const ScopedTimer&) = delete;
  ScopedTimer& operator=(const ScopedTimer&) = delete;

  [[nodiscard]] Duration Elapsed() const { return clock_.Monotonic() - start_; }
  /// Records nothing, e.g. for an attempt that failed at once.
  void Cancel() { cancelled_ = true; }

 private:
  Histogram& histogram_;
  const Clock& clock_;
  Duration start_;
  bool cancelled_ = false;
};

}  // namespace auditflow::observe
