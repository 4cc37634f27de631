#include "cli/diagnostics.hpp"

#include <set>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

namespace auditflow::cli {
namespace {

using sigma::Diagnostic;
using sigma::DiagnosticKind;

std::string_view Name(DiagnosticKind kind) {
  switch (kind) {
    case DiagnosticKind::kWarning:
      return "warning";
    case DiagnosticKind::kUnsupported:
      return "unsupported";
    case DiagnosticKind::kInvalid:
      break;
  }
  return "error";
}

std::string FileOf(const Diagnostic& diagnostic) {
  return diagnostic.location.file ? *diagnostic.location.file : std::string();
}

}  // namespace

std::string Format(const Diagnostic& diagnostic, const Terminal& terminal) {
  const Colour colour =
      diagnostic.kind == DiagnosticKind::kWarning ? Colour::kYellow : Colour::kRed;
  std::string line = diagnostic.location.ToString();
  line += line.empty() ? "" : ": ";
  line += Paint(Name(diagnostic.kind), colour, terminal);
  line += ": " + diagnostic.message + " [" + diagnostic.code + ']';
  return line;
}

std::string FormatJson(const Diagnostic& diagnostic) {
  nlohmann::ordered_json json;
  json["file"] = FileOf(diagnostic);
  json["line"] = diagnostic.location.line;
  json["column"] = diagnostic.location.column;
  json["kind"] = Name(diagnostic.kind);
  json["code"] = diagnostic.code;
  json["message"] = diagnostic.message;
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

DiagnosticCounts Count(const std::vector<Diagnostic>& diagnostics) {
  DiagnosticCounts counts;
  std::set<std::pair<std::string, std::string>> seen;
  for (const Diagnostic& diagnostic : diagnostics) {
    counts.warnings += diagnostic.kind == DiagnosticKind::kWarning ? 1 : 0;
    counts.invalid += diagnostic.kind == DiagnosticKind::kInvalid ? 1 : 0;
    counts.unsupported += diagnostic.kind == DiagnosticKind::kUnsupported ? 1 : 0;
    if (diagnostic.kind == DiagnosticKind::kWarning) continue;
    if (seen.emplace(FileOf(diagnostic), diagnostic.code).second) {
      ++counts.files_by_reason[diagnostic.code];
    }
  }
  return counts;
}

}  // namespace auditflow::cli
