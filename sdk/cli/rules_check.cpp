#include "cli/rules_check.hpp"

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "auditflow/pipeline/rule_package.hpp"

#include "cli/diagnostics.hpp"
#include "cli/output.hpp"
#include "cli/routing_options.hpp"
#include "cli/rules_location.hpp"
#include "cli/scan_report.hpp"
#include "cli/terminal.hpp"

namespace auditflow::cli {
namespace {

constexpr const char* kFooter =
    R"(Loads, links and compiles the rules as `auditflow scan` does, and prints one line
for each problem: file:line:column, its kind and a word to count by. A warning
leaves the rule in use; an error or an unsupported feature does not.

Exit codes: 0 every rule can be used, 1 a rule cannot, 2 wrong usage.

Examples:
  auditflow rules check my-rules/
  auditflow rules check --json my-rules/ | jq -r .code | sort | uniq -c
      problems by kind
  auditflow rules check --werror my-rules/
      as a check before a merge)";

struct Options {
  std::vector<std::string> paths;
  bool json = false;
  bool warnings_are_errors = false;
  bool quiet = false;
  RoutingOptions routing;
};

int Run(const Options& options) {
  pipeline::RulePackageOptions package_options;
  ApplyRouting(options.routing, package_options);
  const auto package = pipeline::LoadRulePackage(RulePaths(options.paths), package_options);
  const Terminal terminal = StandardOutput();
  Output output(terminal.interactive);
  for (const sigma::Diagnostic& diagnostic : package->diagnostics) {
    output.Line(options.json ? FormatJson(diagnostic) : Format(diagnostic, terminal));
  }
  output.Flush();
  const DiagnosticCounts counts = Count(package->diagnostics);
  if (!options.quiet) {
    for (const std::string& line : RuleLines(*package)) std::fprintf(stderr, "%s\n", line.c_str());
  }
  // An empty folder is more likely a mistake than a set of rules without fault.
  const bool failed = counts.invalid + counts.unsupported != 0 || package->documents == 0 ||
                      (options.warnings_are_errors && counts.warnings != 0);
  if (package->documents == 0) std::fputs("auditflow: there are no rules\n", stderr);
  return Finish(output, failed ? kExitFailed : kExitOk);
}

}  // namespace

void AddRulesCheck(CLI::App& rules, Action& action) {
  auto options = std::make_shared<Options>();
  CLI::App* check =
      rules.add_subcommand("check", "Report every problem of rule files with its place");
  check
      ->add_option("PATH", options->paths,
                   "Rule files, and folders of them (default: the shipped rules)")
      ->type_name("");
  check->add_flag("--json", options->json, "One JSON object for each problem");
  check->add_flag("--werror", options->warnings_are_errors, "Exit with 1 for warnings, too");
  check->add_flag("-q,--quiet", options->quiet, "Do not say how many rules were loaded");
  AddRoutingOptions(*check, options->routing);
  check->footer(kFooter);
  check->callback([options, &action] { action = [options] { return Run(*options); }; });
}

}  // namespace auditflow::cli
