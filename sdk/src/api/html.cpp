#include "src/api/html.hpp"

#include <algorithm>
#include <utility>

#include "auditflow/core/utf8.hpp"

namespace auditflow::api {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

/// Characters that reorder or hide what stands around them, and controls.
bool IsTreacherous(char32_t c) {
  const bool control = (c < 0x20 && c != '\n' && c != '\t') || (c >= 0x7F && c < 0xA0);
  const bool bidirectional = (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
  return control || bidirectional;
}

std::string_view ReferenceFor(char32_t c) {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case '\'':
      return "&#39;";
    default:
      return "";
  }
}

/// Writes JSON with line breaks; knows no more of it than strings and brackets.
class PrettyPrinter {
 public:
  explicit PrettyPrinter(std::size_t max_bytes) : max_bytes_(max_bytes) {}

  std::string Print(std::string_view json) {
    for (std::size_t at = 0; at < json.size(); ++at) {
      if (out_.size() > max_bytes_) return std::move(out_) + "\n…";
      at = Step(json, at);
    }
    return std::move(out_);
  }

 private:
  static constexpr std::size_t kMaxIndent = 64;

  /// @return where the last character that it took stands.
  std::size_t Step(std::string_view json, std::size_t at) {
    const char c = json[at];
    if (c == '"') return String(json, at);
    if (c == '{' || c == '[') return Open(json, at);
    if (c == '}' || c == ']') {
      Close(c);
    } else if (c == ',') {
      out_ += c;
      Break();
    } else if (c == ':') {
      out_ += ": ";
    } else if (!IsSpace(c)) {
      out_ += c;
    }
    return at;
  }

  std::size_t String(std::string_view json, std::size_t begin) {
    std::size_t end = begin + 1;
    while (end < json.size() && json[end] != '"') end += json[end] == '\\' ? 2 : 1;
    const std::size_t room = max_bytes_ - std::min(max_bytes_, out_.size());
    out_ += CutUtf8(json.substr(begin, end + 1 - begin), room + 1);
    return end;
  }

  std::size_t Open(std::string_view json, std::size_t at) {
    out_ += json[at];
    std::size_t next = at + 1;
    while (next < json.size() && IsSpace(json[next])) ++next;
    if (next < json.size() && (json[next] == '}' || json[next] == ']')) {
      out_ += json[next];
      return next;
    }
    ++depth_;
    Break();
    return at;
  }

  void Close(char bracket) {
    if (depth_ > 0) --depth_;
    Break();
    out_ += bracket;
  }

  void Break() { out_.append(1, '\n').append(2 * std::min(depth_, kMaxIndent), ' '); }
  static bool IsSpace(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

  const std::size_t max_bytes_;
  std::string out_;
  std::size_t depth_ = 0;
};

}  // namespace

void AppendEscaped(std::string_view text, std::string& out) {
  while (!text.empty()) {
    const Utf8Step step = DecodeUtf8(text);
    const std::string_view reference = step.valid ? ReferenceFor(step.code_point) : "";
    if (!step.valid || IsTreacherous(step.code_point)) {
      out += kReplacement;
    } else if (!reference.empty()) {
      out += reference;
    } else {
      out += text.substr(0, step.length);
    }
    text.remove_prefix(step.length);
  }
}

std::string Escaped(std::string_view text) {
  std::string out;
  AppendEscaped(text, out);
  return out;
}

std::string EscapedUpTo(std::string_view text, std::size_t max_bytes) {
  if (text.size() <= max_bytes) return Escaped(text);
  return Escaped(CutUtf8(text, max_bytes)) + "…";
}

std::string PrettyJson(std::string_view json, std::size_t max_bytes) {
  return PrettyPrinter(max_bytes).Print(json);
}

}  // namespace auditflow::api
