#pragma once

#include "cli/command.hpp"

namespace auditflow::cli {

/// `auditflow rules check`.
void AddRulesCheck(CLI::App& rules, Action& action);

}  // namespace auditflow::cli
