#include "src/core/os_random.hpp"

#include <algorithm>
#include <cstdlib>

#include <sys/random.h>
#include <unistd.h>

namespace auditflow {

void FillFromOs(std::span<std::uint64_t> out) {
  constexpr std::size_t kWordsPerCall = 32;  // getentropy gives at most 256 bytes
  while (!out.empty()) {
    const auto part = out.first(std::min(out.size(), kWordsPerCall));
    if (::getentropy(part.data(), part.size_bytes()) != 0) std::abort();
    out = out.subspan(part.size());
  }
}

}  // namespace auditflow
