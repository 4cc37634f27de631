#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "src/core/bytes.hpp"
#include "src/match/case_fold.hpp"

namespace auditflow::match {

/// A literal to look for in one field's value, and what it stands for.
struct Needle {
  std::string text;       ///< not empty; folded unless the table is for cased text
  bool at_start = false;  ///< only at the value's first byte
  bool at_end = false;    ///< only up to the value's last byte
  std::uint32_t target = 0;
};

/// Compares a needle with the text at one place. The first and last bytes are compared as words,
/// which settles nearly every comparison without a call.
///
/// Thread safety: immutable.
class NeedleText {
 public:
  explicit NeedleText(std::string text);

  [[nodiscard]] std::size_t size() const { return text_.size(); }
  [[nodiscard]] const std::string& text() const { return text_; }

  /// Requires `size()` readable bytes.
  [[nodiscard]] bool EqualsAt(const char* at) const {
    return EndsEqualAt(at) && MiddleEqualsAt(at);
  }
  /// The first half of that: as many steps for long needles as for short ones.
  [[nodiscard]] bool EndsEqualAt(const char* at) const {
    const std::size_t size = text_.size();
    if (size >= 8) {
      return LoadWord<std::uint64_t>(at) == head_ &&
             LoadWord<std::uint64_t>(at + size - 8) == tail_;
    }
    if (size >= 4) {
      return LoadWord<std::uint32_t>(at) == head_ &&
             LoadWord<std::uint32_t>(at + size - 4) == tail_;
    }
    return std::memcmp(at, text_.data(), size) == 0;
  }
  /// The other half.
  [[nodiscard]] bool MiddleEqualsAt(const char* at) const {
    const std::size_t size = text_.size();
    return size <= 16 || std::memcmp(at + 8, text_.data() + 8, size - 16) == 0;
  }
  /// The same after folding the ASCII letters there.
  [[nodiscard]] bool EqualsFoldedAt(const char* at) const {
    return std::equal(text_.begin(), text_.end(), at,
                      [](char wanted, char there) { return wanted == FoldAscii(there); });
  }

 private:
  std::string text_;
  std::uint64_t head_ = 0;
  std::uint64_t tail_ = 0;
};

}  // namespace auditflow::match
