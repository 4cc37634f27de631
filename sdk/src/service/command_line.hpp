#pragma once

#include <span>
#include <string>
#include <string_view>

#include "auditflow/config/settings.hpp"
#include "auditflow/core/result.hpp"
#include "auditflow/service/application.hpp"

namespace auditflow::service {

enum class Task {
  kRun,
  kHelp,
  kVersion,
  kPrintConfig,
  kCheckConfig,
  kConfigReference,
  kOpenApi,
};

struct CommandLine {
  Task task = Task::kRun;
  std::string config_file;  ///< wins over the variable
};

/// Arguments without the program's name.
/// @return kInvalidArgument naming what is not understood.
Result<CommandLine> ParseCommandLine(std::span<char* const> arguments);

/// The text of --help.
std::string HelpText(const ProgramInfo& info, const config::SettingTable& table);

}  // namespace auditflow::service
