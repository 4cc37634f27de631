#pragma once

#include "auditflow/core/random.hpp"
#include "auditflow/core/timestamp.hpp"

namespace auditflow {

struct BackoffOptions {
  Duration base = std::chrono::milliseconds(50);
  Duration max = std::chrono::seconds(5);
};

/// Exponential backoff with full jitter: attempt n waits uniformly in [0, min(max, base·2ⁿ)].
///
/// Thread safety: thread-compatible.
class Backoff {
 public:
  explicit Backoff(BackoffOptions options, RandomSource& random)
      : options_(options), random_(random) {}
  Duration Next();
  void Reset() { attempt_ = 0; }

 private:
  BackoffOptions options_;
  RandomSource& random_;
  unsigned attempt_ = 0;
};

}  // namespace auditflow
