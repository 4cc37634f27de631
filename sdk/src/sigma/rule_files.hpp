#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "auditflow/sigma/source.hpp"

namespace auditflow::sigma {

enum class RuleFileKind : std::uint8_t {
  kRule,          ///< not the tests and maps that may stand beside: *.test.yml, *.logsource.yml
  kLogsourceMap,  ///< *.logsource.yml
};

/// The files named by `paths`, and below folders every *.yml and *.yaml of the kind in the order of
/// their paths; each file once. Entries below a folder whose name starts with a dot are left out:
/// they are a version control system's, an editor's or a ConfigMap's own.
std::vector<std::filesystem::path> FindRuleFiles(const std::vector<std::filesystem::path>& paths,
                                                 RuleFileKind kind, std::size_t max_files,
                                                 std::vector<Diagnostic>& diagnostics);

/// @return false, and a diagnostic, if the file cannot be read or is too large.
bool ReadRuleFile(const std::filesystem::path& path, std::size_t max_bytes, std::string& text,
                  std::vector<Diagnostic>& diagnostics);

}  // namespace auditflow::sigma
