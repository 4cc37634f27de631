#include "src/match/pattern.hpp"

#include <algorithm>
#include <utility>

#include "src/match/case_fold.hpp"
#include "src/match/utf8.hpp"

namespace auditflow::match {
namespace {

using PartKind = Pattern::PartKind;

bool IsSpecial(char c) { return c == '*' || c == '?' || c == '\\'; }

/// A walk over text and parts at once. Only the last `*` needs to be remembered: what stood before
/// it fits already, and letting an earlier one take more could only leave less.
class Glob {
 public:
  Glob(const std::vector<Pattern::Part>& parts, std::string_view text)
      : parts_(parts), text_(text) {}

  bool Fits() {
    while (part_ < parts_.size() || at_ < text_.size()) {
      if (!Step() && !Retry()) return false;
    }
    return true;
  }

 private:
  bool Step() {
    if (part_ == parts_.size()) return false;
    const Pattern::Part& part = parts_[part_];
    switch (part.kind) {
      case PartKind::kAny:
        star_part_ = ++part_;
        star_at_ = at_;
        star_seen_ = true;
        return true;
      case PartKind::kOne:
        if (at_ == text_.size()) return false;
        at_ += DecodeAt(text_, at_).length;
        break;
      case PartKind::kText:
        if (text_.substr(at_, part.text.size()) != part.text) return false;
        at_ += part.text.size();
        break;
    }
    ++part_;
    return true;
  }

  /// Lets the last `*` take one character more.
  bool Retry() {
    if (!star_seen_ || star_at_ == text_.size()) return false;
    star_at_ += DecodeAt(text_, star_at_).length;
    at_ = star_at_;
    part_ = star_part_;
    return true;
  }

  const std::vector<Pattern::Part>& parts_;
  std::string_view text_;
  std::size_t part_ = 0;
  std::size_t at_ = 0;
  bool star_seen_ = false;
  std::size_t star_part_ = 0;
  std::size_t star_at_ = 0;
};

}  // namespace

void AppendPart(Pattern& pattern, Pattern::Part part) {
  if (part.kind == PartKind::kText && part.text.empty()) return;
  if (!pattern.parts.empty() && pattern.parts.back().kind == part.kind) {
    if (part.kind == PartKind::kAny) return;
    if (part.kind == PartKind::kText) {
      pattern.parts.back().text += part.text;
      return;
    }
  }
  pattern.parts.push_back(std::move(part));
}

void AppendText(Pattern& pattern, std::string_view text) {
  AppendPart(pattern, {PartKind::kText, std::string(text)});
}

Pattern ParsePattern(std::string_view text) {
  Pattern pattern;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '\\' && at + 1 < text.size() && IsSpecial(text[at + 1])) {
      AppendText(pattern, text.substr(++at, 1));
    } else if (text[at] == '*') {
      AppendPart(pattern, {PartKind::kAny, {}});
    } else if (text[at] == '?') {
      AppendPart(pattern, {PartKind::kOne, {}});
    } else {
      AppendText(pattern, text.substr(at, 1));
    }
  }
  return pattern;
}

Pattern LiteralPattern(std::string_view text) {
  Pattern pattern;
  AppendText(pattern, text);
  return pattern;
}

std::optional<std::string> PlainText(const Pattern& pattern) {
  if (pattern.parts.empty()) return std::string();
  if (pattern.parts.size() == 1 && pattern.parts.front().kind == PartKind::kText) {
    return pattern.parts.front().text;
  }
  return std::nullopt;
}

void OpenStart(Pattern& pattern) {
  if (!pattern.parts.empty() && pattern.parts.front().kind == PartKind::kAny) return;
  pattern.parts.insert(pattern.parts.begin(), {PartKind::kAny, {}});
}

void OpenEnd(Pattern& pattern) { AppendPart(pattern, {PartKind::kAny, {}}); }

std::size_t CountWildcards(const Pattern& pattern) {
  const auto is_wildcard = [](const Pattern::Part& part) { return part.kind != PartKind::kText; };
  return static_cast<std::size_t>(
      std::count_if(pattern.parts.begin(), pattern.parts.end(), is_wildcard));
}

bool FitsPattern(const Pattern& pattern, std::string_view text) {
  if (pattern.cased) return Glob(pattern.parts, text).Fits();
  std::vector<Pattern::Part> parts = pattern.parts;
  for (Pattern::Part& part : parts) part.text = Folded(part.text);
  return Glob(parts, Folded(text)).Fits();
}

}  // namespace auditflow::match
