#pragma once

#include "cli/command.hpp"

namespace auditflow::cli {

/// `auditflow rules check|list|show|test`.
void AddRules(CLI::App& app, Action& action);

}  // namespace auditflow::cli
