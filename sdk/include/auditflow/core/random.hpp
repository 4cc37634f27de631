#pragma once

#include <cstdint>
#include <memory>

namespace auditflow {

/// Where randomness comes from: injected, so that a run with a seed can be repeated.
///
/// Thread safety: thread-compatible.
class RandomSource {
 public:
  virtual ~RandomSource() = default;
  virtual std::uint64_t Next() = 0;
  /// Uniform in [0, bound), without modulo bias; 0 if bound is 0.
  std::uint64_t Below(std::uint64_t bound);
  /// Uniform in [0, 1).
  double Unit();
};

/// The same seed gives the same sequence on every platform (SplitMix64; not for secrets).
std::unique_ptr<RandomSource> SeededRandom(std::uint64_t seed);
/// Seeded by the operating system.
std::unique_ptr<RandomSource> SystemRandom();

}  // namespace auditflow
