#pragma once

#include <cstddef>

namespace auditflow {

/// How often this program has called `operator new`, in any of its forms, from any thread.
std::size_t AllocationCount();

}  // namespace auditflow
