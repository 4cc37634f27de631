#include "cli/rules_location.hpp"

#include <cstdlib>

#include "auditflow/pipeline/shipped_rules.hpp"

namespace auditflow::cli {

namespace fs = std::filesystem;

fs::path ShippedRules() {
  if (const char* folder = std::getenv("AUDITFLOW_RULES_DIR"); folder != nullptr && *folder != 0) {
    return folder;
  }
  return pipeline::RulesBesideProgram();
}

fs::path ShippedLogsourceMaps() {
  return pipeline::LogsourceMapsOf({ShippedRules(), pipeline::RulesBesideProgram()});
}

std::vector<fs::path> RulePaths(const std::vector<std::string>& given) {
  if (!given.empty()) return {given.begin(), given.end()};
  const fs::path shipped = ShippedRules();
  return shipped.empty() ? std::vector<fs::path>() : std::vector{shipped};
}

}  // namespace auditflow::cli
