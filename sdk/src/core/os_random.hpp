#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace auditflow {

/// Fills `out` from the operating system's generator. Ends the process if there is none: no
/// supported kernel lacks it, and guessable ids would be worse than none.
void FillFromOs(std::span<std::uint64_t> out);

}  // namespace auditflow
