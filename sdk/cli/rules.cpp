#include "cli/rules.hpp"

#include <CLI/CLI.hpp>

#include "cli/rules_check.hpp"

namespace auditflow::cli {

void AddRules(CLI::App& app, Action& action) {
  CLI::App* rules = app.add_subcommand("rules", "Check Sigma rules");
  rules->require_subcommand(1);
  AddRulesCheck(*rules, action);
}

}  // namespace auditflow::cli
