#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace auditflow::cli {

/// The folder of the shipped rules: share/auditflow/rules beside the folder of this program, or
/// where AUDITFLOW_RULES_DIR says. Empty if there is none.
std::filesystem::path ShippedRules();

/// `given`, or the shipped rules if that is empty.
std::vector<std::filesystem::path> RulePaths(const std::vector<std::string>& given);

}  // namespace auditflow::cli
