#include "cli/rules_check.hpp"

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "auditflow/match/rule_set.hpp"
#include "auditflow/sigma/link.hpp"
#include "auditflow/sigma/loader.hpp"

namespace auditflow::cli {
namespace {

struct Options {
  std::vector<std::string> paths;
};

int Run(const Options& options) {
  sigma::LoadResult loaded = sigma::LoadPaths({options.paths.begin(), options.paths.end()});
  sigma::LinkResult linked = sigma::Link(std::move(loaded.rules));
  match::CompileResult compiled = match::RuleSet::Compile(linked.linked);
  std::vector<sigma::Diagnostic> all = std::move(loaded.diagnostics);
  all.insert(all.end(), linked.diagnostics.begin(), linked.diagnostics.end());
  all.insert(all.end(), compiled.diagnostics.begin(), compiled.diagnostics.end());
  sigma::SortByLocation(all);
  for (const sigma::Diagnostic& diagnostic : all) {
    std::puts(diagnostic.ToString().c_str());
  }
  return sigma::HasErrors(all) ? kExitFailed : kExitOk;
}

}  // namespace

void AddRulesCheck(CLI::App& rules, Action& action) {
  auto options = std::make_shared<Options>();
  CLI::App* check =
      rules.add_subcommand("check", "Report every problem of rule files with its place");
  check->add_option("PATH", options->paths, "Rule files, and folders of them")->required();
  check->footer("Example:\n  auditflow rules check my-rules/");
  check->callback([options, &action] { action = [options] { return Run(*options); }; });
}

}  // namespace auditflow::cli
