#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "src/core/avx2.hpp"
#include "src/event/layout_tree.hpp"

namespace auditflow::event {

/// Where a document is written to, in simdjson's form: as much room as simdjson asks for a document
/// that is longer by `LayoutReader::kSlack`.
struct TapeSpace {
  std::uint64_t* words = nullptr;
  std::uint8_t* strings = nullptr;
};

/// Reads a document that has a known layout in one pass over its bytes: of each key it only
/// compares whether it is the one to be expected, and strings are looked at 64 bytes at a time.
/// That takes two thirds of the time of simdjson, which has to find the structure first.
///
/// What it writes is what simdjson writes, word for word, and it accepts nothing that simdjson
/// refuses. It gives up where the layout is not known, and where something is rare: what it gives
/// up on says nothing about the document.
///
/// Thread safety: no state.
class LayoutReader {
 public:
  /// Whether this machine has the instructions (AVX2).
  static bool IsSupported() { return HasAvx2(); }

  /// Reads `json`, behind which 64 bytes must be readable, into `space`. Keys that occur twice in
  /// an object inside of an array are not looked for.
  /// @return whether it did not give up. Then `followed` is as after `LayoutTree::Follow`.
  static bool Read(std::string_view json, LayoutTree& layouts, TapeSpace space,
                   LayoutTree::Followed& followed);

  static constexpr std::size_t kSlack = 64;
  /// Containers within each other inside of an array beyond which it gives up.
  static constexpr std::uint32_t kDeepestInArray = 16;

 private:
  class Place;
};

}  // namespace auditflow::event
