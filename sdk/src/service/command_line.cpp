#include "src/service/command_line.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace auditflow::service {
namespace {

constexpr auto kTasks = std::to_array<std::pair<std::string_view, Task>>({
    {"--help", Task::kHelp},
    {"-h", Task::kHelp},
    {"--version", Task::kVersion},
    {"--print-config", Task::kPrintConfig},
    {"--check-config", Task::kCheckConfig},
    {"--config-reference", Task::kConfigReference},
    {"--openapi", Task::kOpenApi},
});

constexpr std::string_view kOptions = R"(
Without an option it runs until SIGTERM or SIGINT; SIGHUP has it read its files again.

  --config FILE       settings as lines NAME=VALUE; the environment wins over them
  --check-config      say all that is wrong with the configuration, and run nothing
  --print-config      print the settings in use and where they come from, secrets masked
  --config-reference  print all settings as Markdown
  --openapi           print the OpenAPI document
  --version           print the version
  -h, --help          print this text

Exit codes: 0 ended as asked, 1 could not listen or left work behind, 2 wrong arguments or
configuration.

Settings are environment variables, or lines of the file that --config or AUDITFLOW_CONFIG_FILE
names:

)";

constexpr std::string_view kConfig = "--config";

}  // namespace

Result<CommandLine> ParseCommandLine(std::span<char* const> arguments) {
  CommandLine line;
  bool chosen = false;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view argument = arguments[i];
    if (argument == kConfig) {
      if (++i == arguments.size()) return Error(InvalidArgument("--config needs a file"));
      line.config_file = arguments[i];
    } else if (argument.starts_with(kConfig) && argument.substr(kConfig.size()).starts_with('=')) {
      line.config_file = argument.substr(kConfig.size() + 1);
    } else {
      const auto* const task =
          std::ranges::find(kTasks, argument, &std::pair<std::string_view, Task>::first);
      if (task == kTasks.end()) {
        return Error(InvalidArgument("unknown argument '" + std::string(argument) + "'"));
      }
      if (std::exchange(chosen, true)) return Error(InvalidArgument("one option at a time"));
      line.task = task->second;
    }
  }
  return line;
}

std::string HelpText(const ProgramInfo& info, const config::SettingTable& table) {
  std::string text = "Usage: " + std::string(info.name) + " [OPTION]\n\n";
  text += std::string(info.summary) + "\n";
  text += kOptions;
  return text + table.Help();
}

}  // namespace auditflow::service
