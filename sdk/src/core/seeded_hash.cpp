#include "src/core/seeded_hash.hpp"

#include "auditflow/core/random.hpp"

namespace auditflow {

const std::array<std::uint64_t, 3>& HashSecret() {
  static const std::array<std::uint64_t, 3> secret = [] {
    const auto random = SystemRandom();
    return std::array<std::uint64_t, 3>{random->Next(), random->Next(), random->Next()};
  }();
  return secret;
}

}  // namespace auditflow
