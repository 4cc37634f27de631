#pragma once

#include "cli/command.hpp"

namespace auditflow::cli {

/// `auditflow scan`.
void AddScan(CLI::App& app, Action& action);

}  // namespace auditflow::cli
