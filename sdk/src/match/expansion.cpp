#include "src/match/expansion.hpp"

#include <utility>

#include "src/match/pattern.hpp"
#include "src/match/utf8.hpp"

namespace auditflow::match {
namespace {

using PartKind = Pattern::PartKind;

bool IsAsciiWord(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/// Letters of any script as far as the blocks tell: everything beyond Latin-1's signs except the
/// blocks of punctuation and symbols.
bool IsWordCodePoint(char32_t c) {
  if (c < 0x80) return IsAsciiWord(static_cast<char>(c));
  if (c < 0xC0) return c == 0xAA || c == 0xB5 || c == 0xBA;
  return c != 0xD7 && c != 0xF7 && !(c >= 0x2000 && c < 0x2C00) && !(c >= 0x3000 && c < 0x3040);
}

bool WordStartsAt(std::string_view text, std::size_t at) {
  return at < text.size() && IsWordCodePoint(DecodeAt(text, at).value);
}

bool WordEndsAt(std::string_view text, std::size_t at) {
  if (at == 0) return false;
  std::size_t start = at - 1;
  while (start > 0 && at - start < 4 && (static_cast<unsigned char>(text[start]) & 0xC0U) == 0x80) {
    --start;
  }
  return IsWordCodePoint(DecodeAt(text, start).value);
}

bool IsOptionDash(std::string_view text, std::size_t at) {
  return (text[at] == '-' || text[at] == '/') && !WordEndsAt(text, at) &&
         WordStartsAt(text, at + 1);
}

const Slot& DashSlot() {
  static const Slot kSlot = {{LiteralPattern("-"), LiteralPattern("/"), LiteralPattern("\u2013"),
                              LiteralPattern("\u2014"), LiteralPattern("\u2015")}};
  return kSlot;
}

/// The pattern that the fixed stretch being collected ends up in.
Pattern& Fixed(Slotted& slotted) {
  if (slotted.empty() || !std::holds_alternative<Pattern>(slotted.back())) {
    slotted.emplace_back(Pattern{});
  }
  return std::get<Pattern>(slotted.back());
}

/// A piece of text under `expand`: literal, or a placeholder's name.
struct Piece {
  std::string text;
  bool is_placeholder = false;
};

std::size_t PlaceholderLength(std::string_view text) {
  std::size_t at = 1;
  while (at < text.size() && IsAsciiWord(text[at])) ++at;
  return text[0] == '%' && at > 1 && at < text.size() && text[at] == '%' ? at + 1 : 0;
}

std::vector<Piece> SplitPlaceholders(std::string_view text) {
  std::vector<Piece> pieces;
  std::string literal;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = PlaceholderLength(text.substr(at));
    if (length != 0) {
      pieces.push_back({std::exchange(literal, {}), false});
      pieces.push_back({std::string(text.substr(at + 1, length - 2)), true});
      at += length;
      continue;
    }
    if (text.substr(at).starts_with("\\%")) ++at;
    literal += text[at++];
  }
  pieces.push_back({std::move(literal), false});
  return pieces;
}

/// Multiplies what is there with the choices; false if that gets too large.
template <class T, class Choice, class Append>
bool Multiply(std::vector<T>& all, const std::vector<Choice>& choices, std::size_t most,
              const Append& append) {
  if (!choices.empty() && all.size() > most / choices.size()) return false;
  std::vector<T> product;
  product.reserve(all.size() * choices.size());
  for (const T& prefix : all) {
    for (const Choice& choice : choices) append(product.emplace_back(prefix), choice);
  }
  all = std::move(product);
  return true;
}

void AppendPattern(Pattern& to, const Pattern& from) {
  for (const Pattern::Part& part : from.parts) AppendPart(to, part);
}

}  // namespace

Slotted CutWindash(const Pattern& pattern) {
  Slotted slotted;
  for (const Pattern::Part& part : pattern.parts) {
    if (part.kind != PartKind::kText) {
      AppendPart(Fixed(slotted), part);
      continue;
    }
    const std::string_view text = part.text;
    for (std::size_t at = 0; at < text.size(); ++at) {
      if (IsOptionDash(part.text, at)) {
        slotted.emplace_back(DashSlot());
      } else {
        AppendText(Fixed(slotted), text.substr(at, 1));
      }
    }
  }
  return slotted;
}

CutPlaceholders CutAtPlaceholders(const Pattern& pattern, const CompileOptions& options) {
  CutPlaceholders result;
  for (const Pattern::Part& part : pattern.parts) {
    if (part.kind != PartKind::kText) {
      AppendPart(Fixed(result.slotted), part);
      continue;
    }
    for (Piece& piece : SplitPlaceholders(part.text)) {
      if (!piece.is_placeholder) {
        AppendText(Fixed(result.slotted), piece.text);
        continue;
      }
      const auto values = options.placeholders.find(piece.text);
      if (values == options.placeholders.end()) {
        result.unresolved = std::move(piece.text);
        return result;
      }
      Slot slot;
      for (const std::string& value : values->second) slot.choices.push_back(ParsePattern(value));
      result.slotted.emplace_back(std::move(slot));
    }
  }
  return result;
}

ExpandedText ExpandText(std::string_view from, const CompileOptions& options,
                        std::string (*quote)(std::string_view)) {
  ExpandedText result;
  result.texts.emplace_back();
  for (Piece& piece : SplitPlaceholders(from)) {
    if (!piece.is_placeholder) {
      for (std::string& text : result.texts) text += piece.text;
      continue;
    }
    const auto values = options.placeholders.find(piece.text);
    if (values == options.placeholders.end()) {
      result.unresolved = std::move(piece.text);
      return result;
    }
    const auto append = [quote](std::string& text, const std::string& v) { text += quote(v); };
    if (!Multiply(result.texts, values->second, options.max_expansion, append)) {
      result.too_many = true;
      return result;
    }
  }
  return result;
}

std::optional<std::vector<Pattern>> Combine(const Slotted& slotted, bool cased, std::size_t most) {
  std::vector<Pattern> all(1);
  all.front().cased = cased;
  for (const auto& piece : slotted) {
    if (const auto* fixed = std::get_if<Pattern>(&piece)) {
      for (Pattern& pattern : all) AppendPattern(pattern, *fixed);
    } else if (!Multiply(all, std::get<Slot>(piece).choices, most, AppendPattern)) {
      return std::nullopt;
    }
  }
  return all;
}

}  // namespace auditflow::match
