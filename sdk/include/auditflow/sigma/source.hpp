#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace auditflow::sigma {

/// Where something stands in a rule file. Lines and columns count from 1, columns in characters.
struct SourceLocation {
  std::shared_ptr<const std::string> file;  ///< as given to the loader; null for built-in values
  std::uint32_t line = 0;
  std::uint32_t column = 0;

  /// "file:line:column"
  [[nodiscard]] std::string ToString() const;
};

enum class DiagnosticKind : std::uint8_t {
  kWarning,      ///< the rule is used
  kInvalid,      ///< the rule is not used: it breaks the specification
  kUnsupported,  ///< the rule is not used: valid, but this engine cannot evaluate it
};

/// What the loader or the compiler has to say about one place in one rule.
struct Diagnostic {
  DiagnosticKind kind = DiagnosticKind::kInvalid;
  SourceLocation location;
  /// A short stable word to count by, e.g. "unknown-modifier", "regex-lookaround", "missing-field".
  std::string code;
  std::string message;

  /// "file:line:column: error: message [code]"
  [[nodiscard]] std::string ToString() const;
};

[[nodiscard]] bool HasErrors(const std::vector<Diagnostic>& diagnostics);

/// Puts diagnostics in the order of file, line and column; equal places keep their order.
void SortByLocation(std::vector<Diagnostic>& diagnostics);

}  // namespace auditflow::sigma
