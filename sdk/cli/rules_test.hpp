#pragma once

#include "cli/command.hpp"

namespace auditflow::cli {

/// `auditflow rules test`.
void AddRulesTest(CLI::App& rules, Action& action);

}  // namespace auditflow::cli
