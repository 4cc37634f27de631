#include "src/alert/placeholders.hpp"

namespace auditflow::alert {
namespace {

constexpr std::string_view kBraces = "{}";

Status Fault(std::size_t at, std::string_view reason) {
  return InvalidArgument("character " + std::to_string(at + 1) + ": " + std::string(reason));
}

void AppendLiteral(std::string_view text, std::vector<TextPart>& parts) {
  if (text.empty()) return;
  if (parts.empty() || parts.back().is_field) parts.push_back({});
  parts.back().text += text;
}

/// The name in `{name}` at `at`.
Result<std::string_view> FieldAt(std::string_view text, std::size_t at) {
  const std::size_t end = text.find_first_of(kBraces, at + 1);
  if (end == std::string_view::npos || text[end] == '{') {
    return Error(Fault(at, "this '{' has no '}'; write '{{' for a brace"));
  }
  if (end == at + 1) return Error(Fault(at, "'{}' names no field"));
  return text.substr(at + 1, end - at - 1);
}

}  // namespace

Result<std::vector<TextPart>> ParsePlaceholders(std::string_view text) {
  std::vector<TextPart> parts;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t brace = std::min(text.find_first_of(kBraces, at), text.size());
    AppendLiteral(text.substr(at, brace - at), parts);
    if (brace == text.size()) break;
    if (brace + 1 < text.size() && text[brace + 1] == text[brace]) {
      AppendLiteral(text.substr(brace, 1), parts);
      at = brace + 2;
      continue;
    }
    if (text[brace] == '}') {
      return Error(Fault(brace, "this '}' closes nothing; write '}}' for a brace"));
    }
    const Result<std::string_view> field = FieldAt(text, brace);
    if (!field) return Error(field.error());
    parts.push_back({true, std::string(*field)});
    at = brace + field->size() + 2;
  }
  return parts;
}

std::string FillPlaceholders(std::string_view text,
                             const std::function<std::string(const std::string&)>& value_of) {
  const Result<std::vector<TextPart>> parts = ParsePlaceholders(text);
  if (!parts) return std::string(text);
  std::string filled;
  for (const TextPart& part : *parts) filled += part.is_field ? value_of(part.text) : part.text;
  return filled;
}

}  // namespace auditflow::alert
