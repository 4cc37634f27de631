#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace auditflow::cli {

/// The folder of the shipped rules: share/auditflow/rules beside the folder of this program, or
/// where AUDITFLOW_RULES_DIR says. Empty if there is none.
std::filesystem::path ShippedRules();

/// The folder `logsources` of the shipped rules; beside this program also if AUDITFLOW_RULES_DIR
/// names a folder without one. Empty if there is none.
std::filesystem::path ShippedLogsourceMaps();

/// `given`, or the shipped rules if that is empty.
std::vector<std::filesystem::path> RulePaths(const std::vector<std::string>& given);

}  // namespace auditflow::cli
