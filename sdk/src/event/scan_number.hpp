#pragma once

#include <cstddef>
#include <string_view>

namespace auditflow::event {

struct NumberScan {
  std::size_t size = 0;
  const char* fault = nullptr;
  std::size_t fault_at = 0;
};

/// Reads the JSON number that `text` begins with. Requires a digit or a minus first.
///
/// A fault is a broken form, an integer outside int64 and uint64, or a number beyond double;
/// numbers too small for double are fine, they round to zero.
NumberScan ScanNumber(std::string_view text);

}  // namespace auditflow::event
