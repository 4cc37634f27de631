#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "auditflow/sigma/source.hpp"

#include "cli/terminal.hpp"

namespace auditflow::cli {

/// "file:line:column: error: message [code]" with the kind in colour.
std::string Format(const sigma::Diagnostic& diagnostic, const Terminal& terminal);
/// One line of JSON: file, line, column, kind, code, message.
std::string FormatJson(const sigma::Diagnostic& diagnostic);

struct DiagnosticCounts {
  std::size_t warnings = 0;
  std::size_t invalid = 0;
  std::size_t unsupported = 0;
  /// Code → in how many files it kept a document from use, for either kind of error.
  std::map<std::string, std::size_t> files_by_reason;
};

DiagnosticCounts Count(const std::vector<sigma::Diagnostic>& diagnostics);

}  // namespace auditflow::cli
