#pragma once

#include "cli/command.hpp"

namespace auditflow::cli {

/// `auditflow rules list`.
void AddRulesList(CLI::App& rules, Action& action);

}  // namespace auditflow::cli
