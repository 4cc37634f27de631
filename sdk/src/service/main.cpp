#include <cstdio>
#include <exception>
#include <span>
#include <string>
#include <string_view>

#include "auditflow/api/open_api.hpp"
#include "auditflow/config/settings.hpp"
#include "auditflow/observe/logging.hpp"
#include "auditflow/service/application.hpp"

#include "src/service/command_line.hpp"
#include "src/service/run.hpp"

namespace auditflow::service {
namespace {

constexpr int kExitOk = 0;
constexpr int kExitFailed = 1;
constexpr int kExitUsage = 2;

void Say(const ProgramInfo& info, const std::string& text) {
  std::fprintf(stderr, "%.*s: %s\n", static_cast<int>(info.name.size()), info.name.data(),
               text.c_str());
}

/// @return the exit code: printing can fail, too.
int Print(std::string_view text) {
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  return written && std::fflush(stdout) == 0 ? kExitOk : kExitFailed;
}

config::Environment EnvironmentWith(std::string config_file) {
  return [file = std::move(config_file), process = config::ProcessEnvironment()](
             std::string_view name) -> std::optional<std::string> {
    if (name == config::kFileVariable && !file.empty()) return file;
    return process(name);
  };
}

int PrintOpenApi(const ProgramInfo& info) {
  const Result<std::string> document = api::CompleteOpenApi(info.open_api, info.version);
  if (document) return Print(*document + "\n");
  Say(info, document.error().message());
  return kExitFailed;
}

/// @return false if something is wrong; it is said then.
bool ReadSettings(config::SettingTable& table, const CommandLine& line, const ProgramInfo& info) {
  const auto problems = table.Read(EnvironmentWith(line.config_file));
  for (const config::SettingProblem& problem : problems) Say(info, problem.ToString());
  for (const config::SettingProblem& unknown : table.Unknown()) {
    Say(info, "warning: " + unknown.ToString());
  }
  return problems.empty();
}

int Perform(const CommandLine& line, const ProgramInfo& info, Application& application) {
  HostOptions options;
  config::SettingTable table;
  AddHostSettings(table, info, options);
  application.AddSettings(table);
  if (line.task == Task::kHelp) return Print(HelpText(info, table));
  if (line.task == Task::kConfigReference) return Print(table.Markdown());
  if (line.task == Task::kOpenApi) return PrintOpenApi(info);
  if (!ReadSettings(table, line, info)) return kExitUsage;
  if (line.task == Task::kPrintConfig) return Print(table.Print());
  if (line.task == Task::kCheckConfig) return CheckOnly(options, info, application);
  return Run(options, info, application);
}

}  // namespace

int Main(int argc, char** argv, const ProgramInfo& info, Application& application) {
  const Result<CommandLine> line = ParseCommandLine(
      std::span<char* const>(argv, static_cast<std::size_t>(argc)).subspan(argc > 0 ? 1 : 0));
  if (!line) {
    Say(info, line.error().message() + "; see --help");
    return kExitUsage;
  }
  if (line->task == Task::kVersion) {
    return Print(std::string(info.name) + " " + std::string(info.version) + "\n");
  }
  try {
    return Perform(*line, info, application);
  } catch (const std::exception& error) {
    Say(info, error.what());
    return kExitFailed;
  }
}

}  // namespace auditflow::service
