#include "src/alert/json_text.hpp"

namespace auditflow::alert {
namespace {

constexpr std::string_view kNulEscape = "\\u0000";

// A backslash can only stand in a string, and always together with the character after it.
std::size_t FindNulEscape(std::string_view json, std::size_t from) {
  std::size_t at = json.find('\\', from);
  while (at != std::string_view::npos) {
    if (json.substr(at, kNulEscape.size()) == kNulEscape) return at;
    at = json.find('\\', at + 2);
  }
  return std::string_view::npos;
}

}  // namespace

bool HasNulEscape(std::string_view json) {
  return FindNulEscape(json, 0) != std::string_view::npos;
}

std::string ReplaceNulEscapes(std::string_view json) {
  std::string out;
  out.reserve(json.size());
  std::size_t from = 0;
  for (std::size_t at = FindNulEscape(json, 0); at != std::string_view::npos;
       at = FindNulEscape(json, from)) {
    out += json.substr(from, at - from);
    out += "\\ufffd";
    from = at + kNulEscape.size();
  }
  return out += json.substr(from);
}

std::string_view TrimJsonSpace(std::string_view json) {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t first = json.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return json.substr(first, json.find_last_not_of(kSpace) - first + 1);
}

}  // namespace auditflow::alert
