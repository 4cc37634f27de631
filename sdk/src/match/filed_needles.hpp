#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "src/match/needle.hpp"
#include "src/match/word_slots.hpp"

namespace auditflow::match {

/// Needles by one word of each, which the text was found to hold.
///
/// Thread safety: immutable after construction.
class FiledNeedles {
 public:
  /// One needle under the word that stands `offset` bytes behind its start.
  struct Entry {
    std::uint64_t word = 0;
    std::uint32_t offset = 0;
    const Needle* needle = nullptr;
  };

  FiledNeedles() = default;
  explicit FiledNeedles(std::vector<Entry> entries);

  /// Calls `found(target)` for each needle under `word` that stands in the text so that the word is
  /// at `position`. `kIgnoreAsciiCase`: letters of the text may have either case.
  template <bool kIgnoreAsciiCase = false, class Found>
  void Report(std::uint64_t word, std::string_view text, std::size_t position, Found& found) const {
    const auto [begin, end] = slots_.Find(word);
    for (std::uint32_t e = begin; e < end; ++e) {
      const Filed& filed = filed_[e];
      const std::size_t start = position - filed.offset;
      if (position < filed.offset || start + filed.text.size() > text.size()) continue;
      if (filed.at_start && start != 0) continue;
      if (filed.at_end && start + filed.text.size() != text.size()) continue;
      const char* const at = text.data() + start;
      if (kIgnoreAsciiCase ? filed.text.EqualsFoldedAt(at) : filed.text.EqualsAt(at)) {
        found(filed.target);
      }
    }
  }

 private:
  struct Filed {
    NeedleText text;
    std::uint32_t offset = 0;
    std::uint32_t target = 0;
    bool at_start = false;
    bool at_end = false;
  };

  WordSlots slots_;
  std::vector<Filed> filed_;  ///< those of one word side by side
};

}  // namespace auditflow::match
