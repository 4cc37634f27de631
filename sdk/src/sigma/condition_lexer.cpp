#include "src/sigma/condition_lexer.hpp"

namespace auditflow::sigma {
namespace {

bool IsWord(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-' || c == '*';
}

bool IsSpace(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

bool IsUnknown(char c) { return !IsWord(c) && !IsSpace(c) && c != '(' && c != ')' && c != '|'; }

template <class Predicate>
std::size_t RunEnd(std::string_view text, std::size_t at, Predicate in_run) {
  while (at < text.size() && in_run(text[at])) ++at;
  return at;
}

}  // namespace

void ConditionLexer::Advance() { current_ = TokenAt(current_.offset + current_.text.size()); }

ConditionToken ConditionLexer::TokenAt(std::size_t at) const {
  using Kind = ConditionToken::Kind;
  at = RunEnd(text_, at, IsSpace);
  if (at == text_.size()) return {Kind::kEnd, {}, at};
  const char c = text_[at];
  if (c == '(') return {Kind::kOpen, text_.substr(at, 1), at};
  if (c == ')') return {Kind::kClose, text_.substr(at, 1), at};
  if (c == '|') return {Kind::kPipe, text_.substr(at, 1), at};
  const bool word = IsWord(c);
  const std::size_t end = word ? RunEnd(text_, at, IsWord) : RunEnd(text_, at, IsUnknown);
  return {word ? Kind::kWord : Kind::kUnknown, text_.substr(at, end - at), at};
}

}  // namespace auditflow::sigma
