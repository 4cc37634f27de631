#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <simdjson.h>

#include "auditflow/event/event.hpp"

#include "src/event/layout_reader.hpp"
#include "src/event/layout_tree.hpp"
#include "src/event/tape_check.hpp"
#include "tests/event/guarded_bytes.hpp"

namespace auditflow::event {

/// Reads documents with `LayoutReader` where neither the text nor what is written can be left
/// without a fault, and holds the outcome against simdjson's.
class LayoutReaderProbe {
 public:
  /// Of the longest document.
  static constexpr std::size_t kMostBytes = std::size_t{1} << 15U;

  LayoutReaderProbe();

  /// Makes the layout of a document known.
  void Learn(std::string_view json);

  /// @return whether the reader did not give up. A failure of the test if it was wrong not to, or
  /// wrote something else than simdjson.
  bool Reads(std::string_view json, std::string_view behind = "x");

  [[nodiscard]] bool SimdjsonAccepts(std::string_view json);

 private:
  void ExpectAsSimdjson(std::string_view text, const Tape& tape);
  void ExpectFollowed(const Tape& tape);

  GuardedBytes text_;
  GuardedBytes words_;
  GuardedBytes strings_;
  simdjson::dom::parser parser_;
  simdjson::dom::document document_;
  LayoutTree tree_;
  LayoutTree::Followed followed_;
  LayoutTree::Followed expected_;
  TapeCheck check_;
};

}  // namespace auditflow::event
