#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "auditflow/core/status.hpp"
#include "auditflow/event/event.hpp"

namespace auditflow::event {

struct Fault {
  StatusCode code = StatusCode::kInvalidArgument;
  std::size_t offset = 0;
  std::string reason;
};

/// Reads `json` once more, strictly and slowly, to say where and why `EventParser` refuses it: the
/// first fault in the order of the bytes. simdjson tells neither place nor, for most, reason.
/// Accepts exactly what the parser accepts; a fuzzer holds the two together.
///
/// Time O(n log n) and no recursion, whatever the input.
///
/// @return nothing if there is no fault.
std::optional<Fault> Diagnose(std::string_view json, const ParseLimits& limits);

}  // namespace auditflow::event
