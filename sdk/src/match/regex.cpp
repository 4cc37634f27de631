#include "src/match/regex.hpp"

#include <cstddef>

#include <re2/re2.h>

namespace auditflow::match {
namespace {

tl::unexpected<RegexError> Unsupported(std::string code, std::string message) {
  return tl::unexpected<RegexError>({std::move(code), std::move(message), true});
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsHex(char c) { return IsDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

/// One pass over the expression. Only what stands in the way of RE2 is looked at; the syntax itself
/// is RE2's to check.
class Translator {
 public:
  explicit Translator(std::string_view in) : in_(in) {}

  RegexResult<std::string> Run() {
    while (at_ < in_.size()) {
      const RegexResult<void> step = Step();
      if (!step) return tl::unexpected(step.error());
    }
    return std::move(out_);
  }

 private:
  RegexResult<void> Step() {
    if (Starts("\\Q")) return CopyThrough("\\E");
    if (in_[at_] == '\\') return Escape();
    if (in_class_) return InClass();
    if (in_[at_] == '[') return OpenClass();
    if (Starts("(?") || Starts("(*")) return Group();
    if (IsQuantified() && in_[at_] == '+') {
      return Unsupported("regex-possessive", "possessive quantifiers are not supported");
    }
    return Copy(1);
  }

  [[nodiscard]] bool Starts(std::string_view with) const {
    return in_.substr(at_).starts_with(with);
  }
  RegexResult<void> Copy(std::size_t count) {
    NoteQuantifier(in_.substr(at_, count));
    out_ += in_.substr(at_, count);
    at_ += count;
    return {};
  }
  RegexResult<void> Replace(std::size_t count, std::string_view by) {
    out_ += by;
    at_ += count;
    quantified_ = false;
    return {};
  }
  RegexResult<void> CopyThrough(std::string_view end) {
    const std::size_t found = in_.find(end, at_);
    return Copy(found == std::string_view::npos ? in_.size() - at_ : found + end.size() - at_);
  }

  /// Remembers whether what was just copied was a quantifier, behind which `+` is possessive.
  void NoteQuantifier(std::string_view copied) {
    const bool was = quantified_;
    quantified_ = false;
    if (copied.size() != 1 || in_class_) return;
    const char c = copied.front();
    quantified_ = (!was && (c == '*' || c == '+' || c == '?')) || (c == '}' && ClosesCount());
  }
  [[nodiscard]] bool ClosesCount() const {
    std::size_t at = out_.size();
    while (at > 0 && (IsDigit(out_[at - 1]) || out_[at - 1] == ',')) --at;
    return at > 0 && at < out_.size() && out_[at - 1] == '{' && IsDigit(out_[at]) &&
           (at < 2 || out_[at - 2] != '\\');
  }
  [[nodiscard]] bool IsQuantified() const { return quantified_; }

  RegexResult<void> OpenClass() {
    std::size_t size = Starts("[^") ? 2 : 1;
    // A bracket right after the opening one is a member.
    if (at_ + size < in_.size() && in_[at_ + size] == ']') ++size;
    RegexResult<void> copied = Copy(size);
    in_class_ = true;
    return copied;
  }

  RegexResult<void> InClass() {
    if (Starts("[:")) return CopyThrough(":]");
    if (in_[at_] != ']') return Copy(1);
    in_class_ = false;
    return Copy(1);
  }

  RegexResult<void> Escape() {
    if (at_ + 1 == in_.size()) return Copy(1);
    const char c = in_[at_ + 1];
    switch (c) {
      case '_':
        return Replace(2, "_");
      case 'e':
        return Replace(2, "\\x1b");
      case 'h':
        return Replace(2, in_class_ ? " \\t" : "[ \\t]");
      case 'u':
        return UnicodeEscape();
      case 'b':
        return in_class_ ? Replace(2, "\\x08") : Copy(2);
      default:
        return in_class_ ? Copy(2) : EscapeOutsideClass(c);
    }
  }

  RegexResult<void> EscapeOutsideClass(char c) {
    switch (c) {
      case 'Z':
        return Replace(2, "(?:\\n?\\z)");
      case 'R':
        return Replace(2, "(?:\\r\\n|[\\n\\v\\f\\r])");
      case 'N':
        return Replace(2, "[^\\n]");
      case 'K':
        return Replace(2, "");  // moves the start of the match, which nobody asks for
      case 'k':
      case 'g':
        return Backreference();
      default:
        return c >= '1' && c <= '9' ? Backreference() : Copy(2);
    }
  }

  static RegexResult<void> Backreference() {
    return Unsupported("regex-backreference",
                       "backreferences are not supported: they have no linear-time matching");
  }

  /// \uHHHH, as several languages write it.
  RegexResult<void> UnicodeEscape() {
    const std::string_view digits = in_.substr(at_ + 2, 4);
    if (digits.size() != 4) return Copy(2);
    for (const char c : digits) {
      if (!IsHex(c)) return Copy(2);
    }
    return Replace(6, "\\x{" + std::string(digits) + "}");
  }

  RegexResult<void> Group() {
    if (Starts("(?=") || Starts("(?!") || Starts("(?<=") || Starts("(?<!")) {
      return Unsupported("regex-lookaround",
                         "lookahead and lookbehind are not supported: they have no linear-time "
                         "matching");
    }
    if (Starts("(?P=")) return Backreference();
    if (Starts("(?#")) return Comment();
    if (Starts("(?<")) return Replace(3, "(?P<");
    if (Starts("(?'")) return QuotedName();
    for (const std::string_view other : {"(?>", "(?|", "(?(", "(?R", "(?&", "(?P>", "(?C", "(*"}) {
      if (Starts(other)) return UnsupportedGroup(other);
    }
    if (at_ + 2 < in_.size() && (IsDigit(in_[at_ + 2]) || in_[at_ + 2] == '+')) {
      return UnsupportedGroup("(?n)");
    }
    return FlagsOrGroup();
  }

  static RegexResult<void> UnsupportedGroup(std::string_view start) {
    return Unsupported("regex-group", "the group " + std::string(start) + " is not supported");
  }

  /// (?i) and its like, where x would change how the rest is read.
  RegexResult<void> FlagsOrGroup() {
    const std::size_t end = in_.find_first_of(":)", at_);
    const std::string_view flags = in_.substr(at_ + 2, end == in_.npos ? in_.npos : end - at_ - 2);
    if (!flags.starts_with("P<") && flags.find('x') != std::string_view::npos) {
      return Unsupported("regex-flag", "the flag x (free spacing) is not supported");
    }
    RegexResult<void> copied = Copy(2);
    quantified_ = false;
    return copied;
  }

  RegexResult<void> Comment() {
    const std::size_t end = in_.find(')', at_);
    return Replace((end == std::string_view::npos ? in_.size() : end + 1) - at_, "");
  }

  RegexResult<void> QuotedName() {
    const std::size_t end = in_.find('\'', at_ + 3);
    if (end == std::string_view::npos) return Copy(3);
    const std::string name(in_.substr(at_ + 3, end - at_ - 3));
    return Replace(end + 1 - at_, "(?P<" + name + ">");
  }

  std::string_view in_;
  std::size_t at_ = 0;
  std::string out_;
  bool in_class_ = false;
  bool quantified_ = false;
};

RegexError Explain(const re2::RE2& regex) {
  const bool too_large = regex.error_code() == re2::RE2::ErrorPatternTooLarge ||
                         regex.error_code() == re2::RE2::ErrorRepeatSize;
  return {too_large ? "regex-too-large" : "regex-syntax", regex.error(), too_large};
}

/// Of the program, as RE2 counts it against its bound: the program may have two thirds of that, and
/// a quarter of those for its instructions.
std::int64_t CostOf(const re2::RE2& regex, std::int64_t max_bytes) {
  constexpr std::int64_t kBytesPerInstruction = std::int64_t{16} * 4 * 3 / 2;
  if (regex.ok()) return regex.ProgramSize() * kBytesPerInstruction;
  // One that grows too large has taken its whole share of time until then.
  return regex.error_code() == re2::RE2::ErrorPatternTooLarge ? max_bytes : 0;
}

}  // namespace

RegexResult<std::string> TranslateRegex(std::string_view pcre) { return Translator(pcre).Run(); }

RegexResult<std::shared_ptr<const re2::RE2>> CompileRegex(const std::string& regex,
                                                          std::int64_t max_bytes,
                                                          RegexBudget* budget) {
  if (budget != nullptr && budget->spent()) {
    return Unsupported("regex-total-too-large",
                       "the regular expressions of all rules together need more than " +
                           std::to_string(budget->total() >> 20U) + " MiB");
  }
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(max_bytes);
  auto compiled = std::make_shared<const re2::RE2>(regex, options);
  if (budget != nullptr) budget->Spend(CostOf(*compiled, max_bytes));
  if (!compiled->ok()) return tl::unexpected(Explain(*compiled));
  return compiled;
}

bool FindsRegex(const re2::RE2& regex, std::string_view text) {
  return re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), regex);
}

std::string QuoteForRegex(std::string_view text) {
  return re2::RE2::QuoteMeta(re2::StringPiece(text.data(), text.size()));
}

}  // namespace auditflow::match
