#include "cli/rules.hpp"

#include <CLI/CLI.hpp>

#include "cli/rules_check.hpp"
#include "cli/rules_explain.hpp"
#include "cli/rules_list.hpp"
#include "cli/rules_show.hpp"
#include "cli/rules_test.hpp"

namespace auditflow::cli {

void AddRules(CLI::App& app, Action& action) {
  CLI::App* rules = app.add_subcommand("rules", "Check, list, explain and test Sigma rules");
  rules->require_subcommand(1);
  AddRulesCheck(*rules, action);
  AddRulesList(*rules, action);
  AddRulesShow(*rules, action);
  AddRulesExplain(*rules, action);
  AddRulesTest(*rules, action);
}

}  // namespace auditflow::cli
