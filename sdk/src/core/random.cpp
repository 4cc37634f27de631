#include "auditflow/core/random.hpp"

#include <array>
#include <cstddef>

#include "src/core/os_random.hpp"
#include "src/core/wide_multiply.hpp"

namespace auditflow {
namespace {

/// SplitMix64: Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014.
class SplitMix64 final : public RandomSource {
 public:
  explicit SplitMix64(std::uint64_t seed) : state_(seed) {}
  std::uint64_t Next() override {
    state_ += 0x9e3779b97f4a7c15U;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31U);
  }

 private:
  std::uint64_t state_;
};

class OsRandom final : public RandomSource {
 public:
  std::uint64_t Next() override {
    if (used_ == buffer_.size()) {
      FillFromOs(buffer_);
      used_ = 0;
    }
    return buffer_[used_++];
  }

 private:
  std::array<std::uint64_t, 32> buffer_{};
  std::size_t used_ = buffer_.size();
};

}  // namespace

// Lemire, "Fast random integer generation in an interval", 2019.
std::uint64_t RandomSource::Below(std::uint64_t bound) {
  if (bound == 0) return 0;
  const std::uint64_t threshold = (0 - bound) % bound;
  for (;;) {
    const WideProduct product = MultiplyWide(Next(), bound);
    if (product.low >= threshold) return product.high;
  }
}

double RandomSource::Unit() { return static_cast<double>(Next() >> 11U) * 0x1.0p-53; }

std::unique_ptr<RandomSource> SeededRandom(std::uint64_t seed) {
  return std::make_unique<SplitMix64>(seed);
}

std::unique_ptr<RandomSource> SystemRandom() { return std::make_unique<OsRandom>(); }

}  // namespace auditflow
