#include "src/alert/utf8.hpp"

#include <utility>

#include "auditflow/core/utf8.hpp"

namespace auditflow::alert {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

bool IsStorable(std::string_view text, std::size_t width) {
  if (text.find('\0') != std::string_view::npos) return false;
  const std::optional<std::size_t> count = CountCodePoints(text);
  return count && (width == 0 || *count <= width);
}

}  // namespace

std::optional<std::size_t> CountCodePoints(std::string_view text) {
  std::size_t count = 0;
  while (!text.empty()) {
    const Utf8Step step = DecodeUtf8(text);
    if (!step.valid) return std::nullopt;
    text.remove_prefix(step.length);
    ++count;
  }
  return count;
}

void MakeStorable(std::string& text, std::size_t width) {
  if (IsStorable(text, width)) return;
  std::string clean;
  std::string_view rest = text;
  for (std::size_t count = 0; !rest.empty() && (width == 0 || count < width); ++count) {
    const Utf8Step step = DecodeUtf8(rest);
    const bool keep = step.valid && rest[0] != '\0';
    clean += keep ? rest.substr(0, step.length) : kReplacement;
    rest.remove_prefix(step.length);
  }
  text = std::move(clean);
}

}  // namespace auditflow::alert
