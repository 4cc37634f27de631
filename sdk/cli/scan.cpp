#include "cli/scan.hpp"

#include <map>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "cli/option_values.hpp"
#include "cli/scan_run.hpp"

namespace auditflow::cli {
namespace {

constexpr const char* kFooter =
    R"(Reads JSON lines, JSON arrays and concatenated JSON, plain or compressed with
gzip, xz or zstd (told by their first bytes). A document that cannot be read is
reported with file:line, and the scan goes on.

A rule sees the events of its logsource only. Shipped maps say which those are for
Windows, Sysmon, Linux, clouds and others; events may state theirs in the fields
product, category and service.

Matches go to standard output, one JSON object a line, or as a table on a
terminal. Everything else goes to standard error.

Exit codes: 0 everything could be read (whether or not something matched),
            1 an input or a rule could not be used, 2 wrong usage.

Examples:
  auditflow scan audit.jsonl
      the shipped rules over one file
  auditflow scan --rules sigma/rules --level high logs/*.json.gz > matches.jsonl
      Sigma's own rules over many files, the severe matches only
  journalctl -o json | auditflow scan --rules rules -
      what comes through a pipe
  auditflow scan --with-event --quiet audit.jsonl | jq .event
      the events that matched)";

void AddOptions(CLI::App& scan, ScanOptions& options) {
  static const std::map<std::string, ScanFormat> kFormats = {{"json", ScanFormat::kJson},
                                                             {"table", ScanFormat::kTable}};
  scan.add_option("FILE", options.files, "Files of events; - is standard input")
      ->required()
      ->type_name("");
  scan.add_option(
          "-r,--rules", options.rules,
          "Sigma rule file, or folder of them; may be repeated\n(default: the shipped rules)")
      ->type_name("PATH")
      ->allow_extra_args(false);
  AddRoutingOptions(scan, options.routing);
  AddPlaceholderOption(scan, options.placeholders);
  AddChoice(scan, "-f,--format", options.format, kFormats,
            "json or table (default: table on a terminal, else json)");
  AddLevelOption(scan, options.level);
  scan.add_flag("--with-event", options.with_event, "Add the whole event to each match (json)");
  AddDurationOption(scan, "--allowed-lateness", options.allowed_lateness,
                    "How much older than the newest of its group an event\nmay be and still "
                    "count in a correlation (default: 10m)");
  AddOffSwitch(scan, "--no-summary", options.summary, "No summary by level and rule at the end");
  scan.add_flag("-q,--quiet", options.quiet, "Only errors on standard error");
}

}  // namespace

void AddScan(CLI::App& app, Action& action) {
  auto options = std::make_shared<ScanOptions>();
  CLI::App* scan = app.add_subcommand("scan", "Find what Sigma rules match in files of events");
  AddOptions(*scan, *options);
  scan->footer(kFooter);
  scan->callback([options, &action] { action = [options] { return RunScan(*options); }; });
}

}  // namespace auditflow::cli
