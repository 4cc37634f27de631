#include "cli/rules_location.hpp"

#include <cstdlib>
#include <system_error>

namespace auditflow::cli {

namespace fs = std::filesystem;

namespace {

fs::path RulesBesideProgram() {
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  if (error) return {};
  fs::path rules =
      fs::canonical(program.parent_path() / ".." / "share" / "auditflow" / "rules", error);
  return error ? fs::path() : rules;
}

}  // namespace

fs::path ShippedRules() {
  if (const char* folder = std::getenv("AUDITFLOW_RULES_DIR"); folder != nullptr && *folder != 0) {
    return folder;
  }
  return RulesBesideProgram();
}

fs::path ShippedLogsourceMaps() {
  for (const fs::path& rules : {ShippedRules(), RulesBesideProgram()}) {
    std::error_code error;
    if (!rules.empty() && fs::is_directory(rules / "logsources", error))
      return rules / "logsources";
  }
  return {};
}

std::vector<fs::path> RulePaths(const std::vector<std::string>& given) {
  if (!given.empty()) return {given.begin(), given.end()};
  const fs::path shipped = ShippedRules();
  return shipped.empty() ? std::vector<fs::path>() : std::vector{shipped};
}

}  // namespace auditflow::cli
