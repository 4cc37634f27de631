#include "cli/rules_explain.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "auditflow/match/explain.hpp"
#include "auditflow/pipeline/correlation_explanation.hpp"

#include "cli/diagnostics.hpp"
#include "cli/event_argument.hpp"
#include "cli/explain_json.hpp"
#include "cli/explain_text.hpp"
#include "cli/option_values.hpp"
#include "cli/output.hpp"
#include "cli/progress.hpp"
#include "cli/routing_options.hpp"
#include "cli/rule_entries.hpp"
#include "cli/rules_location.hpp"
#include "cli/terminal.hpp"

namespace auditflow::cli {
namespace {

constexpr const char* kFooter =
    R"(RULE is a rule file, a folder of them, `all` for the shipped rules, or the id, name
or title of one of these (as for `rules show`). EVENT is a file with one JSON
object, plain or compressed; - is standard input; of several events in it --line
says which.

One rule is explained as a tree: what held (✓) and what did not (✗), with the place
in the rule file, the field and the value of the event that decided, and the
document of the logsource map that let the event reach the rule or kept it from it.
Of a correlation: which of its rules match and the event's group; windows are not
evaluated. Of several rules: which match, and which came closest among those that
the event reaches.

Exit codes: 0 the event matches the rule (or any of several; for a correlation: any
            of the rules that it counts), 1 it does not, 2 wrong usage, or the rule
            or the event cannot be used.

Examples:
  auditflow rules explain my-rule.yml event.json
  auditflow rules explain ANLY-SEC-001 --line 17 events.jsonl
  auditflow rules explain all event.json
      which of the shipped rules match, and why not the others
  auditflow rules explain sigma/rules event.json --rule 'Mimikatz Use' --json)";

constexpr const char* kAll = "all";
constexpr std::size_t kMostNamed = 20;
constexpr std::size_t kMostNearMisses = 10;

struct Options {
  std::string rule;
  EventArgument event;
  std::string name;
  std::vector<std::string> rules;
  std::vector<std::string> placeholders;
  bool json = false;
  RoutingOptions routing;
};

int Complain(const std::string& message) {
  std::fprintf(stderr, "auditflow: %s\n", message.c_str());
  return kExitUsage;
}

bool IsPath(const std::string& text) {
  std::error_code error;
  return std::filesystem::exists(text, error);
}

/// How many of the items in a tree hold, and how many there are.
struct ItemCount {
  std::size_t holding = 0;
  std::size_t items = 0;

  void Add(const std::vector<match::ExplainedNode>& nodes) {
    for (const match::ExplainedNode& node : nodes) {
      if (node.kind == match::ExplainedNode::Kind::kItem) {
        ++items;
        holding += node.holds ? 1 : 0;
      }
      Add(node.children);
    }
  }
  [[nodiscard]] double share() const {
    return items == 0 ? 0 : static_cast<double>(holding) / static_cast<double>(items);
  }
};

class Explanations {
 public:
  explicit Explanations(const Options& options)
      : options_(options), terminal_(StandardOutput()), output_(false) {}

  int Run() {
    auto chosen = ReadEvent(options_.event);
    if (!chosen) return Complain(chosen.error().message());
    event_ = std::move(chosen->event);
    Load();
    std::vector<RuleEntry> entries = EntriesOf(*package_);
    std::erase_if(entries, [](const RuleEntry& entry) { return entry.filter != nullptr; });
    if (!name_.empty()) {
      entries = FindRules(entries, name_);
      if (entries.size() != 1) return Refuse(entries);
    }
    if (entries.empty()) return NoRules();
    explainer_ = std::make_unique<match::Explainer>(*package_->rules, event_, package_->compile);
    const bool matched = entries.size() == 1 ? ExplainOne(entries.front()) : ExplainMany(entries);
    return Finish(output_, matched ? kExitOk : kExitFailed);
  }

 private:
  void Load() {
    name_ = options_.name;
    std::vector<std::string> paths = options_.rules;
    if (IsPath(options_.rule)) {
      paths = {options_.rule};
    } else if (options_.rule != kAll) {
      name_ = options_.rule;
    }
    pipeline::RulePackageOptions package_options;
    for (const std::string& placeholder : options_.placeholders) {
      const std::size_t equals = placeholder.find('=');
      package_options.compile.placeholders[placeholder.substr(0, equals)].push_back(
          placeholder.substr(equals + 1));
    }
    ApplyRouting(options_.routing, package_options);
    package_ = pipeline::LoadRulePackage(RulePaths(paths), package_options);
  }

  void ReportErrors() const {
    std::size_t errors = 0;
    for (const sigma::Diagnostic& diagnostic : package_->diagnostics) {
      if (diagnostic.kind == sigma::DiagnosticKind::kWarning) continue;
      if (++errors > kMostNamed) break;
      std::fprintf(stderr, "%s\n", Format(diagnostic, StandardError()).c_str());
    }
  }

  int NoRules() const {
    ReportErrors();
    return Complain("there is no rule that can be used in " +
                    (IsPath(options_.rule) ? options_.rule : "the rules"));
  }

  [[nodiscard]] int Refuse(const std::vector<RuleEntry>& found) const {
    if (found.empty()) {
      ReportErrors();
      return Complain("no file, and no rule that can be used, is called '" + name_ +
                      "'; `auditflow rules list` shows all");
    }
    std::string message = Grouped(found.size()) + " rules fit '" + name_ + "':";
    for (std::size_t i = 0; i < found.size() && i < kMostNamed; ++i) {
      message += "\n  " + found[i].rule_id() + "  " + WithoutControls(found[i].metadata->title);
    }
    return Complain(found.size() > kMostNamed ? message + "\n  …" : message);
  }

  [[nodiscard]] std::uint32_t IndexOf(const RuleEntry& entry) const {
    const sigma::RuleCollection& rules = package_->rules->rules;
    return static_cast<std::uint32_t>(entry.detection != nullptr
                                          ? entry.detection - rules.detections.data()
                                          : entry.correlation - rules.correlations.data());
  }

  [[nodiscard]] std::vector<pipeline::ExplainedReference> References(const RuleEntry& entry) const {
    return pipeline::ExplainReferences(*package_, IndexOf(entry), *explainer_, event_);
  }

  void Print(const std::vector<std::string>& lines) {
    for (const std::string& line : lines) output_.Line(line);
  }

  void Print(const RuleEntry& entry, const match::Explanation& explanation) {
    if (options_.json) {
      output_.Line(ExplanationJson(entry, explanation));
    } else {
      Print(ExplanationLines(entry, explanation, terminal_));
    }
  }

  bool ExplainOne(const RuleEntry& entry) {
    return entry.correlation != nullptr ? ExplainCorrelation(entry) : ExplainDetection(entry);
  }

  bool ExplainDetection(const RuleEntry& entry) {
    const auto explanation = explainer_->Explain(IndexOf(entry));
    if (!explanation) return false;  // a package holds no rule that cannot be evaluated
    Print(entry, *explanation);
    return explanation->matches;
  }

  bool ExplainCorrelation(const RuleEntry& entry) {
    const auto references = References(entry);
    if (options_.json) {
      output_.Line(CorrelationJson(entry, references, *package_->rules));
    } else {
      Print(CorrelationLines(entry, references, *package_->rules, terminal_));
    }
    return std::any_of(references.begin(), references.end(),
                       [](const auto& reference) { return reference.matches; });
  }

  /// Those that match as a whole; of the others that the event reaches the closest by name.
  bool ExplainMany(const std::vector<RuleEntry>& entries) {
    std::vector<NearMiss> near;
    std::size_t matched = 0;
    std::size_t reached = 0;
    std::size_t detections = 0;
    for (const RuleEntry& entry : entries) {
      if (entry.detection == nullptr) continue;
      ++detections;
      if (!explainer_->Reaches(IndexOf(entry))) continue;
      ++reached;
      const auto explanation = explainer_->Explain(IndexOf(entry));
      if (!explanation) continue;
      if (explanation->matches) {
        ++matched;
        Print(entry, *explanation);
        if (!options_.json) output_.Line("");
      } else {
        ItemCount count;
        count.Add(explanation->conditions);
        near.push_back({&entry, count});
      }
    }
    const bool counted = NameCorrelations(entries);
    if (!options_.json) Summarise(detections, reached, matched, std::move(near));
    return matched != 0 || counted;
  }

  struct NearMiss {
    const RuleEntry* entry = nullptr;
    ItemCount count;
  };

  bool NameCorrelations(const std::vector<RuleEntry>& entries) {
    bool any = false;
    for (const RuleEntry& entry : entries) {
      if (entry.correlation == nullptr) continue;
      const auto references = References(entry);
      if (std::none_of(references.begin(), references.end(),
                       [](const auto& reference) { return reference.matches; })) {
        continue;
      }
      any = true;
      if (options_.json) {
        output_.Line(CorrelationJson(entry, references, *package_->rules));
      } else {
        Print(CorrelationLines(entry, references, *package_->rules, terminal_));
        output_.Line("");
      }
    }
    return any;
  }

  void Summarise(std::size_t detections, std::size_t reached, std::size_t matched,
                 std::vector<NearMiss> near) {
    output_.Line(Grouped(matched) + " of " + Grouped(detections) +
                 " rules match; the event reaches " + Grouped(reached) + " of them");
    std::stable_sort(near.begin(), near.end(), [](const NearMiss& a, const NearMiss& b) {
      return a.count.share() > b.count.share();
    });
    std::erase_if(near, [](const NearMiss& miss) { return miss.count.holding == 0; });
    if (near.empty()) return;
    output_.Line("closest among the others (items that hold):");
    for (std::size_t i = 0; i < near.size() && i < kMostNearMisses; ++i) {
      output_.Line("  " + Grouped(near[i].count.holding) + " of " + Grouped(near[i].count.items) +
                   "  " + near[i].entry->rule_id() + "  " +
                   WithoutControls(near[i].entry->metadata->title));
    }
  }

  const Options& options_;
  Terminal terminal_;
  Output output_;
  std::string name_;
  event::Event event_;
  std::shared_ptr<const pipeline::RulePackage> package_;
  std::unique_ptr<match::Explainer> explainer_;
};

}  // namespace

void AddRulesExplain(CLI::App& rules, Action& action) {
  auto options = std::make_shared<Options>();
  CLI::App* explain =
      rules.add_subcommand("explain", "Say why an event matches a rule, or why it does not");
  explain->add_option("RULE", options->rule, "Rule file, folder, id, name or title, or `all`")
      ->required()
      ->type_name("");
  explain->add_option("EVENT", options->event.file, "File with the event; - is standard input")
      ->required()
      ->type_name("");
  explain->add_option("--rule", options->name, "Which of the rules in RULE: id, name or title")
      ->type_name("NAME");
  AddCountOption(*explain, "--line", options->event.line,
                 "On which line of EVENT the event begins, from 1");
  explain
      ->add_option(
          "-r,--rules", options->rules,
          "Where RULE is looked for by name; may be repeated\n(default: the shipped rules)")
      ->type_name("PATH")
      ->allow_extra_args(false);
  AddPlaceholderOption(*explain, options->placeholders);
  explain->add_flag("--json", options->json, "One JSON object for each rule that is explained");
  AddRoutingOptions(*explain, options->routing);
  explain->footer(kFooter);
  explain->callback(
      [options, &action] { action = [options] { return Explanations(*options).Run(); }; });
}

}  // namespace auditflow::cli
