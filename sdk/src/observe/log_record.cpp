#include "src/observe/log_record.hpp"

#include <array>
#include <charconv>
#include <cmath>

#include <nlohmann/json.hpp>

#include "auditflow/core/utf8.hpp"

namespace auditflow::observe::log {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<std::string_view, 6> kReserved = {"ts",  "level",   "component",
                                                       "msg", "service", "correlation_id"};

std::string FieldName(std::string_view key) {
  for (const std::string_view name : kReserved) {
    if (key == name) return "field." + std::string(key);
  }
  return std::string(key);
}

std::string NonFiniteName(double value) {
  if (std::isnan(value)) return "NaN";
  return value < 0 ? "-Infinity" : "Infinity";
}

struct JsonValue {
  Json operator()(std::string_view v) const { return std::string(v); }
  Json operator()(double v) const { return std::isfinite(v) ? Json(v) : Json(NonFiniteName(v)); }
  template <class T>
  Json operator()(T v) const {
    return v;
  }
};

// Bidirectional controls can make a terminal show a line as another one.
bool Reorders(char32_t c) {
  return c == 0x200E || c == 0x200F || (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

bool NeedsEscape(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x2028 || c == 0x2029 || Reorders(c);
}

void AppendEscaped(char32_t c, std::string& out) {
  switch (c) {
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      break;
  }
  std::array<char, 8> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(),
                                 static_cast<std::uint32_t>(c), 16);
  out.append("\\u{").append(digits.data(), end.ptr).append("}");
}

std::string Quoted(std::string_view text) {
  std::string escaped = EscapeForTerminal(text);
  if (!escaped.empty() && escaped.find_first_of(" =\"") == std::string::npos) return escaped;
  std::string quoted = "\"";
  for (const char c : escaped) {
    if (c == '"') quoted += '\\';
    quoted += c;
  }
  return quoted + '"';
}

struct TextValue {
  std::string operator()(std::string_view v) const { return Quoted(v); }
  std::string operator()(bool v) const { return v ? "true" : "false"; }
  std::string operator()(double v) const { return JsonValue()(v).dump(); }
  template <class T>
  std::string operator()(T v) const {
    return std::to_string(v);
  }
};

std::string UpperLevel(Level level) {
  std::string name(ToString(level));
  for (char& c : name) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  return name;
}

}  // namespace

std::string EscapeForTerminal(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const Utf8Step step = DecodeUtf8(text);
    if (!step.valid) {
      out += "\xEF\xBF\xBD";
    } else if (NeedsEscape(step.code_point)) {
      AppendEscaped(step.code_point, out);
    } else if (step.code_point == '\\') {
      out += "\\\\";
    } else {
      out += text.substr(0, step.length);
    }
    text.remove_prefix(step.length);
  }
  return out;
}

std::string ToJsonLine(const Record& record) {
  Json json = {{"ts", record.time.ToString()},
               {"level", ToString(record.level)},
               {"component", record.component},
               {"msg", record.message}};
  if (!record.service.empty()) json["service"] = record.service;
  if (!record.correlation_id.empty()) json["correlation_id"] = record.correlation_id;
  for (const Field& field : record.fields) {
    json[FieldName(field.key)] = std::visit(JsonValue(), field.value);
  }
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string ToTextLine(const Record& record) {
  std::string line = record.time.ToString() + ' ' + UpperLevel(record.level) + ' ' +
                     EscapeForTerminal(record.component) + ": " + EscapeForTerminal(record.message);
  for (const Field& field : record.fields) {
    line += ' ' + EscapeForTerminal(field.key) + '=' + std::visit(TextValue(), field.value);
  }
  if (!record.correlation_id.empty()) {
    line += " correlation_id=" + Quoted(record.correlation_id);
  }
  return line;
}

}  // namespace auditflow::observe::log
