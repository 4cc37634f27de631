#pragma once

#include "cli/command.hpp"

namespace auditflow::cli {

/// `auditflow up`.
void AddUp(CLI::App& app, Action& action);

}  // namespace auditflow::cli
