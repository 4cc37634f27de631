#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "src/match/regex_budget.hpp"

namespace re2 {
class RE2;
}  // namespace re2

/// Regular expressions in linear time: what rules write in PCRE, in the syntax of RE2.
namespace auditflow::match {

/// Why an expression cannot be used: a stable code ("regex-lookaround", "regex-backreference",
/// "regex-syntax", "regex-too-large") and a sentence for a person.
struct RegexError {
  std::string code;
  std::string message;
  bool unsupported = false;  ///< valid PCRE, but nothing for a linear-time engine
};

template <class T>
using RegexResult = tl::expected<T, RegexError>;

/// Rewrites what PCRE and RE2 only spell differently (named groups, \Z, \e, \h, \R, \uHHHH, \K,
/// comments) and refuses what RE2 has no equivalent of, by name.
RegexResult<std::string> TranslateRegex(std::string_view pcre);

/// Compiles RE2 syntax: UTF-8, `.` without newline and case-sensitive unless the text says
/// otherwise with (?is), nothing logged. `max_bytes` bounds the memory of program and automata;
/// `budget`, if not null, pays for it.
RegexResult<std::shared_ptr<const re2::RE2>> CompileRegex(const std::string& regex,
                                                          std::int64_t max_bytes,
                                                          RegexBudget* budget = nullptr);

/// Whether the expression is found anywhere in the text. Thread-safe.
bool FindsRegex(const re2::RE2& regex, std::string_view text);

/// The expression that finds exactly this text.
std::string QuoteForRegex(std::string_view text);

}  // namespace auditflow::match
