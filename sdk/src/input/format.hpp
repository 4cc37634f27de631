#pragma once

#include <cstdint>
#include <string_view>

namespace auditflow::input {

/// What the first bytes of a stream say about the rest.
enum class Format : std::uint8_t {
  kPlain,
  kGzip,
  kXz,
  kZstd,
  kBzip2,
  kZip,
  kSevenZip,
  kLz4,
  kUndecided
};

/// `kUndecided` while `prefix` could still become one of the compressed formats. With `at_end`
/// nothing is undecided.
Format DetectFormat(std::string_view prefix, bool at_end);

}  // namespace auditflow::input
