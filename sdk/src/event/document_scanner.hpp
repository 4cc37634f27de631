#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace auditflow::event {

/// Finds the end of one JSON value that comes in pieces: brackets, commas, colons and strings in
/// their places, nothing more.
class DocumentScanner {
 public:
  enum class Outcome : std::uint8_t { kNeedsMore, kComplete, kBroken };

  void Reset();
  /// Reads on from `at` in `piece` and leaves `at` behind the value (kComplete), at the byte that
  /// does not belong (kBroken), or at the end (kNeedsMore).
  Outcome Run(std::string_view piece, std::size_t& at);
  /// Whether the value is complete if nothing follows: only a scalar needs a delimiter.
  [[nodiscard]] bool CompleteAtEnd() const { return open_.empty() && lexeme_ == Lexeme::kScalar; }
  /// What would have been right, after kBroken or at the end of the stream.
  [[nodiscard]] const char* expected() const;

 private:
  enum class Expect : std::uint8_t { kValue, kFirstValue, kFirstKey, kKey, kColon, kComma };
  enum class Lexeme : std::uint8_t { kNone, kString, kEscape, kScalar };

  Outcome Step(char c, std::size_t& at);
  Outcome StartValue(char c);
  Outcome EndContainer(char close);
  Outcome EndValue();
  bool RunString(std::string_view piece, std::size_t& at);
  void RunScalar(std::string_view piece, std::size_t& at);

  std::string open_;
  Expect expect_ = Expect::kValue;
  Lexeme lexeme_ = Lexeme::kNone;
  bool string_is_key_ = false;
};

}  // namespace auditflow::event
