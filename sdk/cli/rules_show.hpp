#pragma once

#include "cli/command.hpp"

namespace auditflow::cli {

/// `auditflow rules show`.
void AddRulesShow(CLI::App& rules, Action& action);

}  // namespace auditflow::cli
