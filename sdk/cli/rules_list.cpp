#include "cli/rules_list.hpp"

#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cli/diagnostics.hpp"
#include "cli/finding_format.hpp"
#include "cli/option_values.hpp"
#include "cli/output.hpp"
#include "cli/routing_options.hpp"
#include "cli/rule_entries.hpp"
#include "cli/rules_location.hpp"
#include "cli/terminal.hpp"

namespace auditflow::cli {
namespace {

constexpr const char* kFooter =
    R"(Lists the rules that can be used, the severest first: id, level, kind, what they
look at (logsource, or type of correlation) and title. Rules that cannot be used
are named by `auditflow rules check`.

Examples:
  auditflow rules list
  auditflow rules list --rules sigma/rules --level critical --logsource windows
  auditflow rules list --rules sigma/rules --logsource '*/process_creation' --search mimikatz
  auditflow rules list --tag attack.t1110 --json)";

struct Options {
  std::vector<std::string> rules;
  RuleFilter filter;
  bool json = false;
  RoutingOptions routing;
};

std::string ToJson(const RuleEntry& entry) {
  const sigma::Metadata& metadata = *entry.metadata;
  nlohmann::ordered_json json;
  json["rule_id"] = entry.rule_id();
  json["id"] = metadata.id;
  json["name"] = metadata.name;
  json["title"] = metadata.title;
  const std::string level = LevelName(metadata);
  json["level"] = level.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(level);
  json["kind"] = entry.kind();
  json["subject"] = entry.subject();
  json["tags"] = metadata.tags;
  json["file"] = metadata.location.file ? *metadata.location.file : "";
  json["line"] = metadata.location.line;
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string Column(const std::string& text, std::size_t columns) {
  const std::string safe = WithoutControls(text);
  return safe + std::string(columns - std::min(columns, DisplayWidth(safe)) + 2, ' ');
}

void PrintTable(const std::vector<RuleEntry>& entries, const Terminal& terminal, Output& output) {
  std::size_t id_columns = 0;
  std::size_t subject_columns = 0;
  for (const RuleEntry& entry : entries) {
    id_columns = std::max(id_columns, DisplayWidth(entry.rule_id()));
    subject_columns = std::max(subject_columns, DisplayWidth(entry.subject()));
  }
  for (const RuleEntry& entry : entries) {
    const std::string level = Column(LevelName(*entry.metadata), 13);
    output.Line(Column(entry.rule_id(), id_columns) +
                Paint(level, ColourOf(EffectiveLevel(*entry.metadata)), terminal) +
                Column(entry.kind(), 11) + Column(entry.subject(), subject_columns) +
                WithoutControls(entry.metadata->title));
  }
}

int Run(const Options& options) {
  pipeline::RulePackageOptions package_options;
  ApplyRouting(options.routing, package_options);
  const auto package = pipeline::LoadRulePackage(RulePaths(options.rules), package_options);
  std::vector<RuleEntry> entries = EntriesOf(*package);
  std::erase_if(entries, [&](const RuleEntry& e) { return !Passes(e, options.filter); });
  const Terminal terminal = StandardOutput();
  Output output(false);
  if (options.json) {
    for (const RuleEntry& entry : entries) output.Line(ToJson(entry));
  } else {
    PrintTable(entries, terminal, output);
  }
  output.Flush();
  const DiagnosticCounts counts = Count(package->diagnostics);
  const bool unusable = counts.invalid + counts.unsupported != 0;
  if (unusable) {
    std::fprintf(stderr,
                 "auditflow: %zu problems keep rules from use; see `auditflow rules check`\n",
                 counts.invalid + counts.unsupported);
  }
  return Finish(output, unusable ? kExitFailed : kExitOk);
}

}  // namespace

void AddRulesList(CLI::App& rules, Action& action) {
  auto options = std::make_shared<Options>();
  CLI::App* list = rules.add_subcommand("list", "List the rules that can be used");
  list->add_option("-r,--rules,PATH", options->rules,
                   "Rule files, and folders of them (default: the shipped rules)")
      ->type_name("PATH");
  AddLevelOption(*list, options->filter.level);
  list->add_option("-k,--kind", options->filter.kind, "Only detection, correlation or filter")
      ->check(CLI::IsMember({"detection", "correlation", "filter"}).description(""))
      ->type_name("");
  list->add_option("--logsource", options->filter.logsource,
                   "Only this product/category/service; parts may be * or missing")
      ->type_name("");
  list->add_option("-t,--tag", options->filter.tag, "Only rules with a tag that begins like this")
      ->type_name("");
  list->add_option("-s,--search", options->filter.text, "Only with this text in title, id or name")
      ->type_name("");
  list->add_flag("--json", options->json, "One JSON object for each rule");
  AddRoutingOptions(*list, options->routing);
  list->footer(kFooter);
  list->callback([options, &action] { action = [options] { return Run(*options); }; });
}

}  // namespace auditflow::cli
