#include "auditflow/pipeline/shipped_rules.hpp"

#include <system_error>

namespace auditflow::pipeline {

namespace fs = std::filesystem;

fs::path RulesBesideProgram() {
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  if (error) return {};
  fs::path rules =
      fs::canonical(program.parent_path() / ".." / "share" / "auditflow" / "rules", error);
  return error ? fs::path() : rules;
}

fs::path LogsourceMapsOf(std::initializer_list<fs::path> rules) {
  for (const fs::path& folder : rules) {
    std::error_code error;
    if (!folder.empty() && fs::is_directory(folder / "logsources", error)) {
      return folder / "logsources";
    }
  }
  return {};
}

}  // namespace auditflow::pipeline
