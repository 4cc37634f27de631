#pragma once

#include "cli/command.hpp"

namespace auditflow::cli {

/// `auditflow generate`.
void AddGenerate(CLI::App& app, Action& action);

}  // namespace auditflow::cli
