#include "cli/rules_test.hpp"

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "auditflow/pipeline/rule_test.hpp"

#include "cli/diagnostics.hpp"
#include "cli/output.hpp"
#include "cli/routing_options.hpp"
#include "cli/rules_location.hpp"
#include "cli/terminal.hpp"

namespace auditflow::cli {
namespace {

constexpr const char* kFooter =
    R"(A test file x.test.yml stands beside its rule x.yml:

  rules: [x.yml]
  cases:
    - name: a failed log-in of root fires
      events:
        - {event_id: 00000000-0000-4000-8000-000000000001,
           timestamp: '2026-11-20T10:00:00Z', event_type: user_login,
           user_id: root, action_result: FAILURE}
      alerts:
        - rule_id: my-rule              # analysis_rule.rule_id
          triggered_by.actor_id: root   # other keys: a path into the alert
    - name: a successful one does not
      events: [...]
      alerts: []

The alerts of a case are compared in order, each in the members that are named.

Exit codes: 0 every case passed, 1 one failed or a file could not be used,
            2 wrong usage.

Examples:
  auditflow rules test                  the shipped rules
  auditflow rules test my-rules/        every *.test.yml below a folder
  auditflow rules test --verbose x.test.yml)";

struct Options {
  std::vector<std::string> paths;
  bool verbose = false;
  bool json = false;
  RoutingOptions routing;
};

using Difference = pipeline::RuleTestDifference;

class Printer {
 public:
  explicit Printer(const Options& options)
      : options_(options), terminal_(StandardOutput()), output_(terminal_.interactive) {}

  void Add(const std::filesystem::path& file, const pipeline::RuleTestReport& report) {
    for (const sigma::Diagnostic& diagnostic : report.diagnostics) Add(diagnostic);
    for (const pipeline::RuleTestCase& test : report.cases) {
      ++(test.passed() ? passed_ : failed_);
      if (options_.json) {
        PrintJson(file, test);
      } else if (!test.passed() || options_.verbose) {
        Print(test);
      }
    }
  }

  void Add(const sigma::Diagnostic& diagnostic) {
    if (diagnostic.kind == sigma::DiagnosticKind::kWarning && !options_.verbose) return;
    broken_ |= diagnostic.kind != sigma::DiagnosticKind::kWarning;
    output_.Line(options_.json ? FormatJson(diagnostic) : Format(diagnostic, terminal_));
  }

  int End() {
    const std::string summary =
        std::to_string(passed_) + " passed, " + std::to_string(failed_) + " failed";
    const bool good = failed_ == 0 && !broken_ && passed_ != 0;
    output_.Flush();
    if (options_.json) {
      std::fprintf(stderr, "%s\n", summary.c_str());
    } else {
      output_.Line(Paint(summary, good ? Colour::kGreen : Colour::kRed, terminal_));
    }
    if (passed_ + failed_ == 0) std::fputs("auditflow: no rule test was run\n", stderr);
    return Finish(output_, good ? kExitOk : kExitFailed);
  }

 private:
  void Print(const pipeline::RuleTestCase& test) {
    const std::string verdict = test.passed() ? Paint("pass", Colour::kGreen, terminal_)
                                              : Paint("FAIL", Colour::kRed, terminal_);
    output_.Line(test.location.ToString() + ": " + verdict + ": " + WithoutControls(test.name));
    for (const Difference& difference : test.differences) Print(difference);
  }

  void Print(const Difference& difference) {
    const std::string place = "  " + difference.location.ToString() + ": ";
    const std::string number = std::to_string(difference.position + 1);
    switch (difference.kind) {
      case Difference::Kind::kMember:
        output_.Line(place + "alert " + number + ": " + difference.path);
        Side('-', "expected " + difference.expected);
        Side('+', difference.actual.empty() ? "the alert has no such member"
                                            : "actual   " + difference.actual);
        return;
      case Difference::Kind::kMissing:
        output_.Line(place + "alert " + number + " does not come");
        Side('-', difference.expected);
        return;
      case Difference::Kind::kUnexpected:
        output_.Line(place + "alert " + number + " is not expected");
        Side('+', difference.actual);
        return;
      case Difference::Kind::kEvent:
        output_.Line(place + "event " + number + " cannot be used: " + difference.actual);
    }
  }

  void Side(char sign, const std::string& text) {
    const Colour colour = sign == '-' ? Colour::kRed : Colour::kGreen;
    output_.Line("    " + Paint(sign + (' ' + WithoutControls(text)), colour, terminal_));
  }

  void PrintJson(const std::filesystem::path& file, const pipeline::RuleTestCase& test) {
    nlohmann::ordered_json json;
    json["file"] = file.string();
    json["line"] = test.location.line;
    json["case"] = test.name;
    json["passed"] = test.passed();
    json["events"] = test.events;
    json["alerts"] = test.alerts;
    json["differences"] = nlohmann::ordered_json::array();
    for (const Difference& difference : test.differences) {
      json["differences"].push_back({{"line", difference.location.line},
                                     {"position", difference.position},
                                     {"path", difference.path},
                                     {"expected", difference.expected},
                                     {"actual", difference.actual}});
    }
    output_.Line(json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  }

  const Options& options_;
  Terminal terminal_;
  Output output_;
  std::size_t passed_ = 0;
  std::size_t failed_ = 0;
  bool broken_ = false;
};

int Run(const Options& options) {
  const pipeline::RuleTestFiles found = pipeline::FindRuleTests(RulePaths(options.paths));
  pipeline::RulePackageOptions package_options;
  ApplyRouting(options.routing, package_options);
  Printer printer(options);
  for (const sigma::Diagnostic& diagnostic : found.diagnostics) printer.Add(diagnostic);
  for (const std::filesystem::path& file : found.files) {
    printer.Add(file, pipeline::RunRuleTest(file, package_options));
  }
  return printer.End();
}

}  // namespace

void AddRulesTest(CLI::App& rules, Action& action) {
  auto options = std::make_shared<Options>();
  CLI::App* test = rules.add_subcommand("test", "Run rule test files");
  test->add_option("PATH", options->paths,
                   "Test files, and folders of them (default: the shipped rules)")
      ->type_name("");
  test->add_flag("-v,--verbose", options->verbose, "Name the cases that pass, too");
  test->add_flag("--json", options->json, "One JSON object for each case");
  AddRoutingOptions(*test, options->routing);
  test->footer(kFooter);
  test->callback([options, &action] { action = [options] { return Run(*options); }; });
}

}  // namespace auditflow::cli
