#include "src/sigma/yaml_text.hpp"

namespace auditflow::sigma {

std::size_t CountDirectives(std::string_view text) {
  std::size_t count = 0;
  for (std::size_t at = text.find('%'); at != std::string_view::npos; at = text.find('%', at + 1)) {
    const bool line_start = at == 0 || text[at - 1] == '\n' || text[at - 1] == '\r';
    const std::string_view rest = text.substr(at);
    if (line_start && (rest.starts_with("%TAG") || rest.starts_with("%YAML"))) ++count;
  }
  return count;
}

bool IsIndentedByTab(std::string_view text, std::size_t line) {
  std::size_t start = 0;
  for (; line > 0 && start != std::string_view::npos; --line) {
    start = text.find('\n', start);
    if (start != std::string_view::npos) ++start;
  }
  if (start == std::string_view::npos) return false;
  const std::size_t first = text.find_first_not_of(' ', start);
  return first != std::string_view::npos && text[first] == '\t';
}

}  // namespace auditflow::sigma
