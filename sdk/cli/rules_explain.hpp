#pragma once

#include "cli/command.hpp"

namespace auditflow::cli {

/// `auditflow rules explain`.
void AddRulesExplain(CLI::App& rules, Action& action);

}  // namespace auditflow::cli
