#include "cli/rules_show.hpp"

#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>

#include "cli/finding_format.hpp"
#include "cli/output.hpp"
#include "cli/routing_options.hpp"
#include "cli/rule_entries.hpp"
#include "cli/rule_text.hpp"
#include "cli/rules_location.hpp"
#include "cli/terminal.hpp"

namespace auditflow::cli {
namespace {

constexpr const char* kFooter =
    R"(RULE is an id, a name, a title, the beginning of an id or a part of a title,
tried in this order.

Exit codes: 0 shown, 1 no rule or several fit, 2 wrong usage.

Examples:
  auditflow rules show ANLY-SEC-001
  auditflow rules show --rules sigma/rules 'Mimikatz Use')";

constexpr std::size_t kMostNamed = 20;

struct Options {
  std::string rule;
  std::vector<std::string> rules;
  RoutingOptions routing;
};

std::string List(const std::vector<std::string>& items, std::string_view separator = ", ") {
  std::string text;
  for (const std::string& item : items) {
    text.append(text.empty() ? "" : separator).append(item);
  }
  return text;
}

/// Prints "key: value" lines; those without a value are left out.
class Sheet {
 public:
  Sheet(Output& output, const Terminal& terminal) : output_(output), terminal_(terminal) {}

  void Title(const std::string& text) {
    output_.Line(Paint(WithoutControls(text), Colour::kBold, terminal_));
  }
  void Section(const std::string& text) {
    output_.Line("");
    Title(text);
  }
  void Line(std::string key, const std::string& value) {
    if (value.empty()) return;
    key.resize(16, ' ');
    output_.Line("  " + Paint(key, Colour::kDim, terminal_) + WithoutControls(Trimmed(value)));
  }

 private:
  static std::string Trimmed(const std::string& text) {
    return text.substr(0, text.find_last_not_of(" \n") + 1);
  }

  Output& output_;
  const Terminal& terminal_;
};

void ShowMetadata(const RuleEntry& entry, Sheet& sheet) {
  const sigma::Metadata& metadata = *entry.metadata;
  sheet.Title(metadata.title);
  sheet.Line("kind", entry.kind() + (entry.outputs ? "" : ", only used by other rules"));
  sheet.Line("level", LevelName(metadata));
  sheet.Line("id", metadata.id);
  sheet.Line("name", metadata.name);
  sheet.Line("status", metadata.status ? std::string(sigma::ToString(*metadata.status)) : "");
  sheet.Line("author", metadata.author);
  sheet.Line("date", metadata.date);
  sheet.Line("modified", metadata.modified);
  sheet.Line("tags", List(metadata.tags));
  sheet.Line("description", metadata.description);
  for (const std::string& reference : metadata.references) sheet.Line("reference", reference);
  for (const std::string& text : metadata.falsepositives) sheet.Line("false positive", text);
  sheet.Line("file", metadata.location.ToString());
}

void ShowLogSource(const sigma::LogSource& source, Sheet& sheet) {
  sheet.Line("product", source.product);
  sheet.Line("category", source.category);
  sheet.Line("service", source.service);
}

void ShowDetection(const RuleEntry& entry, Sheet& sheet) {
  sheet.Section("Detection");
  if (entry.correlation != nullptr) {
    sheet.Line("condition", ToText(*entry.correlation));
  } else {
    const bool filter = entry.filter != nullptr;
    ShowLogSource(filter ? entry.filter->logsource : entry.detection->logsource, sheet);
    for (const auto& condition : filter ? entry.filter->conditions : entry.detection->conditions) {
      sheet.Line("condition", ToText(condition));
    }
  }
  sheet.Line("fields", List(FieldsOf(entry)));
}

void ShowAlert(const alert::AlertTemplate& alert, Sheet& sheet) {
  sheet.Section("Alert");
  sheet.Line("rule_id", alert.rule_id);
  sheet.Line("rule_name", alert.rule_name);
  sheet.Line("alert_name", alert.alert_name);
  sheet.Line("alert_type", alert.alert_type);
  sheet.Line("severity", alert.severity);
  sheet.Line("description", alert.description);
  sheet.Line("action_observed", alert.action_observed);
  sheet.Line("actor", alert.actor_type + " from " + List(alert.actor_fields));
  sheet.Line("client_ip", List(alert.client_ip_fields));
  sheet.Line("resource", alert.resource_type + " from " +
                             List(alert.resource_fields.empty() ? alert.hostname_fields
                                                                : alert.resource_fields));
  sheet.Line("hostname", List(alert.hostname_fields));
  sheet.Line("tags", List(alert.tags));
  sheet.Line("remediation", alert.remediation_guidance);
  sheet.Line("playbook", alert.playbook_url);
}

int Refuse(const std::string& name, const std::vector<RuleEntry>& found) {
  if (found.empty()) {
    std::fprintf(stderr, "auditflow: no rule fits '%s'; `auditflow rules list` shows all\n",
                 name.c_str());
    return kExitFailed;
  }
  std::fprintf(stderr, "auditflow: %zu rules fit '%s':\n", found.size(), name.c_str());
  for (std::size_t i = 0; i < found.size() && i < kMostNamed; ++i) {
    std::fprintf(stderr, "  %s  %s\n", found[i].rule_id().c_str(),
                 found[i].metadata->title.c_str());
  }
  if (found.size() > kMostNamed) std::fputs("  …\n", stderr);
  return kExitFailed;
}

int Run(const Options& options) {
  pipeline::RulePackageOptions package_options;
  ApplyRouting(options.routing, package_options);
  const auto package = pipeline::LoadRulePackage(RulePaths(options.rules), package_options);
  const std::vector<RuleEntry> found = FindRules(EntriesOf(*package), options.rule);
  if (found.size() != 1) return Refuse(options.rule, found);
  const Terminal terminal = StandardOutput();
  Output output(false);
  Sheet sheet(output, terminal);
  ShowMetadata(found.front(), sheet);
  ShowDetection(found.front(), sheet);
  if (found.front().alert != nullptr) ShowAlert(*found.front().alert, sheet);
  return Finish(output, kExitOk);
}

}  // namespace

void AddRulesShow(CLI::App& rules, Action& action) {
  auto options = std::make_shared<Options>();
  CLI::App* show = rules.add_subcommand("show", "Explain one rule and the alert that it makes");
  show->add_option("RULE", options->rule, "Id, name or title")->required()->type_name("");
  show->add_option("-r,--rules", options->rules,
                   "Rule file, or folder of them; may be repeated\n(default: the shipped rules)")
      ->type_name("PATH")
      ->allow_extra_args(false);
  AddRoutingOptions(*show, options->routing);
  show->footer(kFooter);
  show->callback([options, &action] { action = [options] { return Run(*options); }; });
}

}  // namespace auditflow::cli
