#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace auditflow::sigma {

struct ConditionToken {
  enum class Kind : std::uint8_t { kEnd, kWord, kOpen, kClose, kPipe, kUnknown };
  Kind kind = Kind::kEnd;
  std::string_view text;
  std::size_t offset = 0;  ///< bytes from the start of the condition
};

/// Splits a condition into words of [A-Za-z0-9_*-], parentheses and pipes. Anything else is one
/// kUnknown token per run of such characters.
class ConditionLexer {
 public:
  explicit ConditionLexer(std::string_view text) : text_(text) { Advance(); }

  [[nodiscard]] const ConditionToken& current() const { return current_; }
  /// The token after the current one.
  [[nodiscard]] ConditionToken Peek() const {
    return TokenAt(current_.offset + current_.text.size());
  }
  void Advance();

 private:
  [[nodiscard]] ConditionToken TokenAt(std::size_t at) const;

  std::string_view text_;
  ConditionToken current_;
};

}  // namespace auditflow::sigma
