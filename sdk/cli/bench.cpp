#include "cli/bench.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "auditflow/core/clock.hpp"
#include "auditflow/pipeline/rule_package.hpp"

#include "cli/bench_lane.hpp"
#include "cli/bench_run.hpp"
#include "cli/option_values.hpp"
#include "cli/output.hpp"
#include "cli/progress.hpp"
#include "cli/routing_options.hpp"
#include "cli/rules_location.hpp"
#include "cli/terminal.hpp"

namespace auditflow::cli {
namespace {

constexpr const char* kFooter =
    R"(Runs events through the rules, JSON text in and matches out, on one core. A lane is
one file of events, held in memory; without --events it is 20,000 generated ones.

ratio is the processor time of a plain simdjson walk (parsing, and visiting each key
and value) over that of parsing and matching: 1 would be as fast as doing nothing
with the events. Both run in turns in the same process; figures are medians over
the rounds. Compare ratios of one machine and run, not events/s of several.

peak MB is the resident memory of the process while the lane ran, its events
included. With --threads N, N threads with a matcher each share the rules; speed-up
is their wall-clock speed to that of one.

Exit codes: 0 measured, 1 rules or events could not be used, 2 wrong usage.

Examples:
  auditflow bench
  auditflow bench --rules sigma/rules --events logs.jsonl --events more.jsonl.gz
  auditflow bench --threads 2 --json)";

constexpr std::uint64_t kLeastRounds = 5;
constexpr std::uint64_t kMostRounds = 10'000;
constexpr std::uint64_t kMostThreads = 1024;

struct Options {
  std::vector<std::string> rules;
  std::vector<std::string> events;
  std::optional<std::uint64_t> threads;
  std::optional<std::uint64_t> rounds;
  bool json = false;
  RoutingOptions routing;
};

std::string Fixed(double number, int digits) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.*f", digits, number);
  return text.data();
}

std::string Whole(double number) { return Grouped(static_cast<std::uint64_t>(number)); }

/// Rows of texts, the first column to the left, the others to the right.
class Table {
 public:
  void Add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }

  void Print(Output& output) const {
    for (const auto& row : rows_) {
      std::string line;
      for (std::size_t column = 0; column < row.size(); ++column) {
        const std::string gap(Width(column) - DisplayWidth(row[column]), ' ');
        line += column == 0 ? row[column] + gap : "  " + gap + row[column];
      }
      output.Line(line);
    }
  }

 private:
  [[nodiscard]] std::size_t Width(std::size_t column) const {
    std::size_t width = 0;
    for (const auto& row : rows_) width = std::max(width, DisplayWidth(row[column]));
    return width;
  }

  std::vector<std::vector<std::string>> rows_;
};

class Run {
 public:
  explicit Run(const Options& options) : options_(options), output_(false) {
    bench_.rounds = static_cast<std::size_t>(options.rounds.value_or(kLeastRounds));
    bench_.threads = static_cast<std::size_t>(options.threads.value_or(1));
  }

  int Do() {
    if (!LoadRules()) return kExitFailed;
    if (!options_.json) table_.Add(Header());
    if (options_.events.empty()) Measure(GeneratedLane());
    for (const std::string& file : options_.events) {
      Result<BenchLane> lane = FileLane(file);
      if (lane) {
        Measure(*lane);
      } else {
        Complain(lane.error().message());
      }
    }
    if (measured_ && !options_.json) table_.Print(output_);
    return Finish(output_, failed_ ? kExitFailed : kExitOk);
  }

 private:
  bool LoadRules() {
    pipeline::RulePackageOptions options;
    ApplyRouting(options_.routing, options);
    const Duration start = SystemClock().Monotonic();
    package_ = pipeline::LoadRulePackage(RulePaths(options_.rules), options);
    const std::chrono::duration<double> seconds = SystemClock().Monotonic() - start;
    if (package_->rule_set->rule_count() == 0) {
      Complain("no detection rule could be loaded; --rules names a folder of Sigma rules");
      return false;
    }
    load_seconds_ = seconds.count();
    Say(Grouped(package_->rule_set->rule_count()) + " detection rules from " +
        Grouped(package_->files) + " files loaded in " + Fixed(load_seconds_, 2) + " s");
    if (sigma::HasErrors(package_->diagnostics)) {
      Say("some could not be used; see `auditflow rules check`");
    }
    return true;
  }

  void Measure(const BenchLane& lane) {
    if (lane.faulty != 0) {
      Complain(lane.name + ": " + Grouped(lane.faulty) + " documents could not be read");
    }
    if (lane.cut) Say(lane.name + ": only the first GB of it");
    const BenchResult result = RunLane(lane, package_->rule_set, bench_);
    measured_ = true;
    if (options_.json) {
      output_.Line(ToJson(lane, result));
      output_.Flush();
    } else {
      table_.Add(Row(lane, result));
    }
  }

  [[nodiscard]] std::vector<std::string> Header() const {
    std::vector<std::string> header = {"lane", "rules", "events",  "events/s",
                                       "MB/s", "ratio", "matches", "peak MB"};
    if (bench_.threads > 1) {
      header.push_back(std::to_string(bench_.threads) + " threads: events/s");
      header.emplace_back("speed-up");
    }
    return header;
  }

  [[nodiscard]] std::vector<std::string> Row(const BenchLane& lane,
                                             const BenchResult& result) const {
    std::vector<std::string> row = {WithoutControls(lane.name),
                                    Grouped(package_->rule_set->rule_count()),
                                    Grouped(lane.events.size()),
                                    Whole(result.events_per_second),
                                    Fixed(result.bytes_per_second / 1e6, 1),
                                    Fixed(result.ratio, 3),
                                    Grouped(result.matches),
                                    Fixed(static_cast<double>(result.peak_bytes) / 1e6, 0)};
    if (result.speed_up) {
      row.push_back(Whole(*result.threaded_events_per_second));
      row.push_back(Fixed(*result.speed_up, 2));
    }
    return row;
  }

  [[nodiscard]] std::string ToJson(const BenchLane& lane, const BenchResult& result) const {
    nlohmann::ordered_json json;
    json["lane"] = lane.name;
    json["rules"] = package_->rule_set->rule_count();
    json["rules_load_seconds"] = load_seconds_;
    json["events"] = lane.events.size();
    json["bytes"] = lane.bytes;
    json["rounds"] = bench_.rounds;
    json["events_per_second"] = result.events_per_second;
    json["bytes_per_second"] = result.bytes_per_second;
    json["ratio"] = result.ratio;
    json["matches"] = result.matches;
    json["peak_bytes"] = result.peak_bytes;
    if (result.speed_up) {
      json["threads"] = bench_.threads;
      json["threaded_events_per_second"] = *result.threaded_events_per_second;
      json["speed_up"] = *result.speed_up;
    }
    return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  }

  static void Say(const std::string& message) { std::fprintf(stderr, "%s\n", message.c_str()); }
  void Complain(const std::string& message) {
    failed_ = true;
    Say("auditflow: " + message);
  }

  const Options& options_;
  BenchOptions bench_;
  Output output_;
  Table table_;
  std::shared_ptr<const pipeline::RulePackage> package_;
  double load_seconds_ = 0;
  bool measured_ = false;
  bool failed_ = false;
};

}  // namespace

void AddBench(CLI::App& app, Action& action) {
  auto options = std::make_shared<Options>();
  CLI::App* bench = app.add_subcommand("bench", "Measure how fast rules are on this machine");
  bench
      ->add_option("-r,--rules", options->rules,
                   "Rule file, or folder of them; may be repeated\n(default: the shipped rules)")
      ->type_name("PATH")
      ->allow_extra_args(false);
  bench
      ->add_option("-e,--events", options->events,
                   "File of events, a lane of its own; may be repeated\n(default: generated ones)")
      ->type_name("FILE")
      ->allow_extra_args(false);
  AddCountOption(*bench, "--threads", options->threads,
                 "Also how much faster so many threads are (default: 1)")
      ->check(CLI::Range(std::uint64_t{1}, kMostThreads).description(""));
  AddCountOption(*bench, "--rounds", options->rounds,
                 "Over how many rounds medians are taken, 5 or more\n(default: 5)")
      ->check(CLI::Range(kLeastRounds, kMostRounds).description(""));
  bench->add_flag("--json", options->json, "One JSON object for each lane");
  AddRoutingOptions(*bench, options->routing);
  bench->footer(kFooter);
  bench->callback([options, &action] { action = [options] { return Run(*options).Do(); }; });
}

}  // namespace auditflow::cli
