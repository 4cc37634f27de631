#pragma once

#include "cli/command.hpp"

namespace auditflow::cli {

/// `auditflow bench`.
void AddBench(CLI::App& app, Action& action);

}  // namespace auditflow::cli
