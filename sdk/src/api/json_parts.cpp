#include "src/api/json_parts.hpp"

#include <algorithm>

namespace auditflow::api {
namespace {

bool IsSpace(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

/// Walks over a JSON text. Every step that finds something else than it should leaves the rest
/// empty and `ok` false.
class Cutter {
 public:
  explicit Cutter(std::string_view json) : rest_(json) { SkipSpace(); }

  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] bool AtEnd() const { return rest_.empty(); }

  bool Take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    SkipSpace();
    return true;
  }

  void Expect(char c) {
    if (!Take(c)) Fail();
  }

  std::string_view String() { return rest_.starts_with('"') ? Cut(StringEnd(0)) : Fail(); }

  std::string_view Value() {
    if (rest_.empty()) return Fail();
    if (rest_[0] == '"') return String();
    if (rest_[0] == '{' || rest_[0] == '[') return Cut(BracketEnd());
    const auto* const end = std::ranges::find_if(
        rest_, [](char c) { return IsSpace(c) || c == ',' || c == '}' || c == ']' || c == ':'; });
    return end == rest_.begin() ? Fail() : Cut(static_cast<std::size_t>(end - rest_.begin()));
  }

 private:
  /// Behind the closing quote of the string that begins at `at`; beyond the text if there is none.
  [[nodiscard]] std::size_t StringEnd(std::size_t at) const {
    ++at;
    while (at < rest_.size() && rest_[at] != '"') at += rest_[at] == '\\' ? 2 : 1;
    return at + 1;
  }

  [[nodiscard]] std::size_t BracketEnd() const {
    const char close = rest_[0] == '{' ? '}' : ']';
    std::size_t depth = 0;
    std::size_t at = 0;
    while (at < rest_.size()) {
      const char c = rest_[at];
      if (c == '"') {
        at = StringEnd(at);
        continue;
      }
      ++at;
      if (c == '{' || c == '[') ++depth;
      if ((c == '}' || c == ']') && --depth == 0) return c == close ? at : kNone;
    }
    return kNone;
  }

  std::string_view Cut(std::size_t end) {
    if (end > rest_.size()) return Fail();
    const std::string_view text = rest_.substr(0, end);
    rest_.remove_prefix(end);
    SkipSpace();
    return text;
  }

  std::string_view Fail() {
    ok_ = false;
    rest_ = {};
    return {};
  }

  void SkipSpace() {
    while (!rest_.empty() && IsSpace(rest_[0])) rest_.remove_prefix(1);
  }

  static constexpr std::size_t kNone = std::string_view::npos;

  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace

std::optional<JsonElements> CutArray(std::string_view json, std::size_t max) {
  Cutter cutter(json);
  JsonElements elements;
  cutter.Expect('[');
  if (cutter.ok() && !cutter.Take(']')) {
    do {
      elements.more = elements.texts.size() == max;
      if (elements.more) return elements;
      elements.texts.push_back(cutter.Value());
    } while (cutter.ok() && cutter.Take(','));
    cutter.Expect(']');
  }
  if (!cutter.ok() || !cutter.AtEnd()) return std::nullopt;
  return elements;
}

std::optional<std::vector<JsonMember>> CutObject(std::string_view json, std::size_t max) {
  Cutter cutter(json);
  std::vector<JsonMember> members;
  cutter.Expect('{');
  if (cutter.ok() && !cutter.Take('}')) {
    do {
      if (members.size() == max) return std::nullopt;
      const std::string_view key = cutter.String();
      cutter.Expect(':');
      members.push_back({key, cutter.Value()});
    } while (cutter.ok() && cutter.Take(','));
    cutter.Expect('}');
  }
  if (!cutter.ok() || !cutter.AtEnd()) return std::nullopt;
  return members;
}

}  // namespace auditflow::api
