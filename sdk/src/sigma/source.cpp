#include "auditflow/sigma/source.hpp"

#include <algorithm>
#include <string_view>
#include <tuple>

namespace auditflow::sigma {
namespace {

std::string_view FileOf(const SourceLocation& location) {
  if (!location.file) return {};
  return *location.file;
}

std::string_view Label(DiagnosticKind kind) {
  switch (kind) {
    case DiagnosticKind::kWarning:
      return "warning";
    case DiagnosticKind::kInvalid:
      return "error";
    case DiagnosticKind::kUnsupported:
      return "unsupported";
  }
  return "error";
}

}  // namespace

std::string SourceLocation::ToString() const {
  std::string out(FileOf(*this));
  if (line == 0) return out;
  return out + ":" + std::to_string(line) + ":" + std::to_string(column);
}

std::string Diagnostic::ToString() const {
  const std::string place = location.ToString();
  return (place.empty() ? "" : place + ": ") + std::string(Label(kind)) + ": " + message + " [" +
         code + "]";
}

bool HasErrors(const std::vector<Diagnostic>& diagnostics) {
  return std::any_of(diagnostics.begin(), diagnostics.end(),
                     [](const Diagnostic& d) { return d.kind != DiagnosticKind::kWarning; });
}

void SortByLocation(std::vector<Diagnostic>& diagnostics) {
  const auto place = [](const Diagnostic& d) {
    return std::tuple(FileOf(d.location), d.location.line, d.location.column);
  };
  std::stable_sort(diagnostics.begin(), diagnostics.end(),
                   [&](const Diagnostic& a, const Diagnostic& b) { return place(a) < place(b); });
}

}  // namespace auditflow::sigma
