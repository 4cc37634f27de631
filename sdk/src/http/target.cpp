#include "src/http/target.hpp"

#include <algorithm>

#include "auditflow/core/utf8.hpp"

#include "src/http/ascii.hpp"

namespace auditflow::http {
namespace {

int HexValue(char c) {
  if (IsDigit(c)) return c - '0';
  const char lower = LowerAscii(c);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// Blanks, controls, bytes above ASCII and these are never sent unescaped (RFC 3986 appendix A).
bool IsUriChar(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte > 0x20 && byte < 0x7F &&
         std::string_view("\"<>\\#").find(c) == std::string_view::npos;
}

Status CheckCharacters(std::string_view text) {
  const auto* const bad = std::ranges::find_if_not(text, IsUriChar);
  if (bad == text.end()) return {};
  return InvalidArgument("target: character at offset " + std::to_string(bad - text.begin()) +
                         " must be percent-encoded");
}

// "http://host:8080/a?b" → "/a?b"
std::string_view DropAuthority(std::string_view text) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!EqualNoCase(text.substr(0, scheme.size()), scheme)) continue;
    text.remove_prefix(scheme.size());
    return text.substr(std::min(text.find_first_of("/?"), text.size()));
  }
  return text;
}

Result<std::string> DecodeSegment(std::string_view raw) {
  Result<std::string> segment = PercentDecode(raw, false);
  if (!segment) return segment;
  if (segment->find('/') != std::string::npos) {
    return Error(InvalidArgument("path: encoded slash"));
  }
  if (std::ranges::any_of(*segment, IsControl)) {
    return Error(InvalidArgument("path: control character"));
  }
  return segment;
}

Result<std::string> ParsePath(std::string_view raw) {
  std::vector<std::string> segments;
  while (!raw.empty()) {
    raw.remove_prefix(1);  // the slash
    const auto end = std::min(raw.find('/'), raw.size());
    Result<std::string> segment = DecodeSegment(raw.substr(0, end));
    if (!segment) return segment;
    raw.remove_prefix(end);
    if (segment->empty() || *segment == ".") continue;
    if (*segment != "..") {
      segments.push_back(std::move(*segment));
    } else if (segments.empty()) {
      return Error(InvalidArgument("path: leads out of the root"));
    } else {
      segments.pop_back();
    }
  }
  std::string path;
  for (const std::string& segment : segments) path.append("/").append(segment);
  if (path.empty()) path = "/";
  return path;
}

Result<QueryParameters> ParseQuery(std::string_view raw, std::size_t max_parameters) {
  QueryParameters parameters;
  while (!raw.empty()) {
    const auto end = std::min(raw.find('&'), raw.size());
    const std::string_view pair = raw.substr(0, end);
    raw.remove_prefix(std::min(end + 1, raw.size()));
    if (pair.empty()) continue;
    if (parameters.size() == max_parameters) {
      return Error(
          InvalidArgument("query: more than " + std::to_string(max_parameters) + " parameters"));
    }
    const auto equals = std::min(pair.find('='), pair.size());
    Result<std::string> name = PercentDecode(pair.substr(0, equals), true);
    if (!name) return Error(name.error().WithContext("query"));
    Result<std::string> value = PercentDecode(pair.substr(std::min(equals + 1, pair.size())), true);
    if (!value) return Error(value.error().WithContext("query parameter '" + *name + "'"));
    parameters.emplace_back(std::move(*name), std::move(*value));
  }
  return parameters;
}

}  // namespace

Result<std::string> PercentDecode(std::string_view text, bool plus_is_space) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      const int high = i + 1 < text.size() ? HexValue(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? HexValue(text[i + 2]) : -1;
      if (high < 0 || low < 0) {
        return Error(InvalidArgument("malformed percent-encoding at offset " + std::to_string(i)));
      }
      c = static_cast<char>(high * 16 + low);
      if (c == '\0') return Error(InvalidArgument("encoded NUL at offset " + std::to_string(i)));
      i += 2;
    } else if (c == '+' && plus_is_space) {
      c = ' ';
    }
    decoded += c;
  }
  if (!IsValidUtf8(decoded)) return Error(InvalidArgument("not valid UTF-8"));
  return decoded;
}

Result<Target> ParseTarget(std::string_view text, std::size_t max_query_parameters) {
  if (text == "*") return Target{"*", {}};
  if (Status status = CheckCharacters(text); !status.ok()) return Error(std::move(status));
  const std::size_t size = text.size();
  text = DropAuthority(text);
  const bool absolute = text.size() < size;  // only then may the path be missing
  const auto question = std::min(text.find('?'), text.size());
  const std::string_view raw_path = absolute && question == 0 ? "/" : text.substr(0, question);
  if (!raw_path.starts_with('/')) return Error(InvalidArgument("target: does not begin with '/'"));
  Result<std::string> path = ParsePath(raw_path);
  if (!path) return Error(path.error().WithContext("target"));
  Result<QueryParameters> query =
      ParseQuery(text.substr(std::min(question + 1, text.size())), max_query_parameters);
  if (!query) return Error(query.error().WithContext("target"));
  return Target{std::move(*path), std::move(*query)};
}

}  // namespace auditflow::http
