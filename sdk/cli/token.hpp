#pragma once

#include "cli/command.hpp"

namespace auditflow::cli {

/// `auditflow token new`.
void AddToken(CLI::App& app, Action& action);

}  // namespace auditflow::cli
