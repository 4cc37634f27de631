#pragma once

#include <cstdint>

namespace auditflow {

struct WideProduct {
  std::uint64_t high;
  std::uint64_t low;
};

/// The 128-bit product of two words.
inline WideProduct MultiplyWide(std::uint64_t a, std::uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a) * b;
  return {static_cast<std::uint64_t>(product >> 64U), static_cast<std::uint64_t>(product)};
}

}  // namespace auditflow
