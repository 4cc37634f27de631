#include "src/event/document_scanner.hpp"

#include <array>

#include "src/event/json_space.hpp"

namespace auditflow::event {
namespace {

bool IsScalar(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
         c == '+' || c == '.';
}

/// The bytes at which reading a string has to stop and think.
constexpr std::array<bool, 256> kStopsString = [] {
  std::array<bool, 256> stops{};
  for (std::size_t byte = 0; byte < 0x20; ++byte) stops[byte] = true;
  stops['"'] = true;
  stops['\\'] = true;
  return stops;
}();

}  // namespace

void DocumentScanner::Reset() {
  open_.clear();
  expect_ = Expect::kValue;
  lexeme_ = Lexeme::kNone;
}

DocumentScanner::Outcome DocumentScanner::Run(std::string_view piece, std::size_t& at) {
  while (at < piece.size()) {
    if (lexeme_ == Lexeme::kString || lexeme_ == Lexeme::kEscape) {
      if (!RunString(piece, at)) return Outcome::kBroken;
      if (lexeme_ == Lexeme::kNone && EndValue() == Outcome::kComplete) return Outcome::kComplete;
      continue;
    }
    if (lexeme_ == Lexeme::kScalar) {
      RunScalar(piece, at);
      if (lexeme_ == Lexeme::kNone && EndValue() == Outcome::kComplete) return Outcome::kComplete;
      continue;
    }
    const Outcome outcome = Step(piece[at], at);
    if (outcome != Outcome::kNeedsMore) return outcome;
  }
  return Outcome::kNeedsMore;
}

DocumentScanner::Outcome DocumentScanner::Step(char c, std::size_t& at) {
  if (IsSpace(c)) {
    ++at;
    return Outcome::kNeedsMore;
  }
  Outcome outcome = Outcome::kBroken;
  if (expect_ == Expect::kColon) {
    if (c == ':') {
      expect_ = Expect::kValue;
      outcome = Outcome::kNeedsMore;
    }
  } else if (c == '}' || c == ']') {
    outcome = EndContainer(c);
  } else if (expect_ == Expect::kComma) {
    if (c == ',') {
      expect_ = open_.back() == '{' ? Expect::kKey : Expect::kValue;
      outcome = Outcome::kNeedsMore;
    }
  } else {
    outcome = StartValue(c);
  }
  if (outcome != Outcome::kBroken) ++at;
  return outcome;
}

DocumentScanner::Outcome DocumentScanner::StartValue(char c) {
  string_is_key_ = expect_ == Expect::kKey || expect_ == Expect::kFirstKey;
  if (c == '"') {
    lexeme_ = Lexeme::kString;
    return Outcome::kNeedsMore;
  }
  if (string_is_key_) return Outcome::kBroken;
  if (c == '{' || c == '[') {
    open_.push_back(c);
    expect_ = c == '{' ? Expect::kFirstKey : Expect::kFirstValue;
    return Outcome::kNeedsMore;
  }
  if (!IsScalar(c)) return Outcome::kBroken;
  lexeme_ = Lexeme::kScalar;
  return Outcome::kNeedsMore;
}

DocumentScanner::Outcome DocumentScanner::EndContainer(char close) {
  const bool in_object = !open_.empty() && open_.back() == '{';
  const Expect empty = in_object ? Expect::kFirstKey : Expect::kFirstValue;
  const bool fits = !open_.empty() && close == (in_object ? '}' : ']');
  if (!fits || (expect_ != Expect::kComma && expect_ != empty)) return Outcome::kBroken;
  open_.pop_back();
  string_is_key_ = false;
  return EndValue();
}

DocumentScanner::Outcome DocumentScanner::EndValue() {
  expect_ = string_is_key_ ? Expect::kColon : Expect::kComma;
  return open_.empty() ? Outcome::kComplete : Outcome::kNeedsMore;
}

bool DocumentScanner::RunString(std::string_view piece, std::size_t& at) {
  if (lexeme_ == Lexeme::kEscape) {
    if (static_cast<unsigned char>(piece[at]) < 0x20) return false;
    ++at;
    lexeme_ = Lexeme::kString;
    return true;
  }
  while (at < piece.size() && !kStopsString[static_cast<unsigned char>(piece[at])]) ++at;
  if (at == piece.size()) return true;
  if (piece[at] == '"') {
    lexeme_ = Lexeme::kNone;
  } else if (piece[at] == '\\') {
    lexeme_ = Lexeme::kEscape;
  } else if (piece[at] == '\n' || piece[at] == '\r') {
    return false;  // other control characters are left to the parser
  }
  ++at;
  return true;
}

void DocumentScanner::RunScalar(std::string_view piece, std::size_t& at) {
  while (at < piece.size() && IsScalar(piece[at])) ++at;
  if (at < piece.size()) lexeme_ = Lexeme::kNone;
}

const char* DocumentScanner::expected() const {
  if (lexeme_ == Lexeme::kString || lexeme_ == Lexeme::kEscape) return "the end of a string";
  const bool in_object = !open_.empty() && open_.back() == '{';
  switch (expect_) {
    case Expect::kFirstKey:
      return "a key or '}'";
    case Expect::kKey:
      return "a key";
    case Expect::kColon:
      return "':'";
    case Expect::kFirstValue:
      return "a value or ']'";
    case Expect::kComma:
      return in_object ? "',' or '}'" : "',' or ']'";
    default:
      return "a value";
  }
}

}  // namespace auditflow::event
