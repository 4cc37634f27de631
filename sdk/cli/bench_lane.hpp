#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "auditflow/core/result.hpp"

namespace auditflow::cli {

/// Events that are run through the rules, held in memory as text.
struct BenchLane {
  std::string name;
  std::vector<std::string> events;  ///< each with room behind its end for the plain walk
  std::size_t bytes = 0;
  std::uint64_t faulty = 0;  ///< documents that could not be read, left out
  bool cut = false;          ///< the file holds more than a lane may
};

/// Events of the generator, always the same.
BenchLane GeneratedLane();

/// Those of a file, plain or compressed, at most 1 GB of them; "-" is standard input.
/// @return the reason, naming the file, if it cannot be read or holds no event.
Result<BenchLane> FileLane(const std::string& file);

}  // namespace auditflow::cli
