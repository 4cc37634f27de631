#include <algorithm>
#include <csignal>
#include <cstdio>
#include <exception>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "cli/bench.hpp"
#include "cli/command.hpp"
#include "cli/generate.hpp"
#include "cli/rules.hpp"
#include "cli/scan.hpp"
#include "cli/token.hpp"
#include "cli/up.hpp"

namespace auditflow::cli {
namespace {

constexpr const char* kFooter =
    R"(Exit codes: 0 success, 1 an input or a rule could not be used, 2 wrong usage.
`auditflow COMMAND --help` explains a command with examples.)";

void Describe(CLI::App& app) {
  app.set_version_flag("--version", std::string("auditflow ") + AUDITFLOW_VERSION);
  app.require_subcommand(1);
  app.footer(kFooter);
}

/// Also what `--help` and `--version` end with: CLI11 reports them as errors of code 0.
int Report(const CLI::App& app, const CLI::ParseError& error) {
  return app.exit(error) == 0 ? kExitOk : kExitUsage;
}

/// The arguments from the last to the first, as CLI11 takes them. What follows `--` is a file
/// whatever it begins with: CLI11 alone would know that only as long as no file came before.
std::vector<std::string> Arguments(int argc, char** argv) {
  std::vector<std::string> arguments;
  bool files_only = false;
  for (int i = 1; i < argc; ++i) {
    std::string argument = argv[i];
    if (!files_only && argument == "--") {
      files_only = true;
      continue;
    }
    const bool mistakable = argument == "++" || (argument.size() > 1 && argument.front() == '-');
    if (files_only && mistakable) argument.insert(0, "./");
    arguments.push_back(std::move(argument));
  }
  std::reverse(arguments.begin(), arguments.end());
  return arguments;
}

int Main(int argc, char** argv) {
  CLI::App app("AuditFlow turns audit events into alerts with Sigma rules.", "auditflow");
  Action action;
  Describe(app);
  AddUp(app, action);
  AddScan(app, action);
  AddGenerate(app, action);
  AddRules(app, action);
  AddBench(app, action);
  AddToken(app, action);
  try {
    app.parse(Arguments(argc, argv));
  } catch (const CLI::ParseError& error) {
    return Report(app, error);
  }
  return action();
}

}  // namespace
}  // namespace auditflow::cli

int main(int argc, char** argv) {
  // A reader that has seen enough closes our standard output: writing then fails, and the command
  // ends in an orderly way.
  std::signal(SIGPIPE, SIG_IGN);
  try {
    return auditflow::cli::Main(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "auditflow: %s\n", error.what());
    return auditflow::cli::kExitFailed;
  }
}
