#include "cli/up.hpp"

#include <csignal>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <CLI/CLI.hpp>

#include "auditflow/observe/logging.hpp"
#include "auditflow/pipeline/rule_reloader.hpp"

#include "cli/alert_printer.hpp"
#include "cli/diagnostics.hpp"
#include "cli/option_values.hpp"
#include "cli/rules_location.hpp"
#include "cli/stop_signals.hpp"
#include "cli/up_options.hpp"
#include "cli/up_platform.hpp"

namespace auditflow::cli {
namespace {

constexpr Duration kStopDeadline = std::chrono::seconds(6);
// An input that has ended on its own is worked off however long that takes.
constexpr Duration kDrainDeadline = std::chrono::hours(24);
constexpr Duration kLook = std::chrono::milliseconds(50);

constexpr const char* kFooter =
    R"(Events come from the generator, or from --input. Alerts go to DATA-DIR/alerts.db, to the page and
the API, and to standard output: readable lines on a terminal, else JSON lines. All else goes to
standard error. With --count, --duration or --input it ends when all is processed and stored;
--serve keeps the page up. Ctrl+C and SIGTERM stop it in good order, a second one at once. Changed
rules are taken up while it runs, on SIGHUP at once; a set with a new error is not.

Examples:
  auditflow up                                       watch alerts at http://127.0.0.1:8080/
  auditflow up --rate 1000 --duration 30s --seed 7   the same events each time
  auditflow up --input events.jsonl.xz --serve       your own events
  journalctl -o json -f | auditflow up --input - --rules my-rules/
  curl 'http://127.0.0.1:8080/alerts?limit=10&severity=CRITICAL')";

void Say(const std::string& line) { std::fprintf(stderr, "%s\n", line.c_str()); }

int Fail(const Status& status) {
  Say("auditflow up: " + status.message());
  return kExitFailed;
}

void ConfigureLogs(const UpOptions& options) {
  observe::log::Options log;
  log.level = *observe::log::ParseLevel(options.log_level);
  log.format =
      StandardError().interactive ? observe::log::Format::kText : observe::log::Format::kJson;
  observe::log::Configure(log);
}

pipeline::RuleReloaderOptions WatchOptions(const UpOptions& options) {
  pipeline::RuleReloaderOptions watch;
  watch.paths = RulePaths(options.rules);
  watch.interval = options.watch_rules;
  ApplyRouting(options.routing, watch.package);
  if (options.routing.routing && watch.package.logsource_maps.empty()) {
    Say(std::string("auditflow up: ") + kNoMaps);
  }
  return watch;
}

/// Nothing if there is no rule to work with; what is wrong is said then.
std::optional<pipeline::WatchedRules> LoadRules(const pipeline::RuleReloaderOptions& watch) {
  if (watch.paths.empty()) {
    Say("auditflow up: no rules found beside the program; name a folder with --rules");
    return std::nullopt;
  }
  pipeline::WatchedRules rules = pipeline::LoadWatchedRules(watch);
  for (const sigma::Diagnostic& diagnostic : rules.package->diagnostics) {
    Say(Format(diagnostic, StandardError()));
  }
  if (rules.package->rule_count() > 0) return rules;
  Say("auditflow up: no usable rule in " + watch.paths.front().string() +
      (watch.paths.size() > 1 ? " and the others" : "") + "; see --rules");
  return std::nullopt;
}

std::string Url(const UpOptions& options, std::uint16_t port) {
  const bool v6 = options.host.find(':') != std::string::npos;
  return "http://" + (v6 ? "[" + options.host + "]" : options.host) + ":" + std::to_string(port) +
         "/";
}

void Greet(const UpOptions& options, const Platform& platform, const pipeline::RulePackage& rules) {
  const Terminal terminal = StandardError();
  Say("AuditFlow is up: " + Paint(Url(options, platform.port()), Colour::kBold, terminal));
  Say("  events  " + platform.source().Describe());
  Say("  rules   " + std::to_string(rules.rule_count()) + " from " + std::to_string(rules.files) +
      " files");
  Say("  alerts  " + (options.data_dir / "alerts.db").string());
}

std::string Counted(std::uint64_t count, const std::string& one, const std::string& many) {
  return std::to_string(count) + " " + (count == 1 ? one : many);
}

void Report(const UpOptions& options, const UpSummary& summary) {
  const double seconds = std::chrono::duration<double>(summary.elapsed).count();
  char rate[64];
  std::snprintf(rate, sizeof rate, "%.1f s, %.0f events/s", seconds,
                seconds > 0 ? static_cast<double>(summary.received) / seconds : 0.0);
  Say(Counted(summary.received, "event", "events") + " in " + rate + ": " +
      std::to_string(summary.processed) + " processed, " +
      Counted(summary.duplicates, "duplicate", "duplicates") + ", " +
      std::to_string(summary.rejected) + " rejected, " +
      Counted(summary.dead_letters, "dead letter", "dead letters"));
  Say(Counted(summary.alerts_stored, "alert", "alerts") + " stored, " +
      std::to_string(summary.alert_duplicates) + " known before, " +
      Counted(summary.alert_dead_letters, "dead letter", "dead letters"));
  if (summary.dead_letters + summary.alert_dead_letters > 0) {
    Say("dead letters: see " + (options.data_dir / "dead-letters.jsonl").string());
  }
  if (summary.unfinished > 0)
    Say(Counted(summary.unfinished, "message", "messages") + " unfinished");
}

/// Until the feed has ended and nothing is to be served, or someone wants an end.
/// @return whether it was asked to stop.
bool WaitForEnd(const UpOptions& options, Platform& platform, const AlertPrinter& printer,
                StopSignals& signals) {
  bool told = false;
  for (;;) {
    const int signal = signals.WaitFor(kLook);
    if (signal == SIGHUP) {
      platform.ReloadRules();
    } else if (signal != 0 || printer.failed()) {
      return true;
    }
    if (!platform.FeedEnded()) continue;
    if (!options.serve) return false;
    if (!std::exchange(told, true)) Say("all events are read; serving until Ctrl+C");
  }
}

int Run(const UpOptions& options) {
  ConfigureLogs(options);
  const pipeline::RuleReloaderOptions watch = WatchOptions(options);
  const std::optional<pipeline::WatchedRules> rules = LoadRules(watch);
  if (!rules) return kExitFailed;
  AlertPrinter printer;
  StopSignals signals;
  auto platform = Platform::Create(options, watch, *rules, [&](const alert::Alert& alert) {
    if (!options.quiet) printer.Print(alert);
  });
  if (!platform) return Fail(platform.error());
  Greet(options, **platform, *rules->package);
  (*platform)->Start();
  const bool asked = WaitForEnd(options, **platform, printer, signals);
  signals.Release();
  const Status stopped = (*platform)->Stop(asked ? kStopDeadline : kDrainDeadline);
  Report(options, (*platform)->Summary());
  if (!stopped.ok()) return Fail(stopped);
  return Finish(printer.output(), kExitOk);
}

// Command-line texts that CLI11 has no type for; what is wrong with them is wrong usage.
CLI::Validator DurationText() {
  return {[](std::string& text) {
            const Result<Duration> duration = ParseDuration(text);
            return duration ? std::string() : duration.error().message();
          },
          "DURATION"};
}

CLI::Validator TimeText() {
  return {[](std::string& text) {
            const Result<Timestamp> time = Timestamp::Parse(text);
            return time ? std::string() : time.error().message();
          },
          "TIME"};
}

CLI::Validator LevelText() {
  return {[](std::string& text) {
            const auto level = observe::log::ParseLevel(text);
            return level ? std::string() : level.error().message();
          },
          "LEVEL"};
}

void AddFeedOptions(CLI::App& up, UpOptions& options) {
  auto* input = up.add_option("--input", options.input,
                              "JSON events from FILE, plain or .gz/.xz/.zst; - is standard input")
                    ->type_name("FILE|-");
  up.add_option("--rate", options.rate,
                "Events per second, 0 for as many as possible [10; with --input: 0]")
      ->check(CLI::Range(0.0, 1e9));
  up.add_option_function<std::string>(
        "--duration", [&](const std::string& text) { options.duration = *ParseDuration(text); },
        "Stop after this long, e.g. 30s, 5m")
      ->check(DurationText())
      ->type_name("DURATION");
  up.add_option("--count", options.count, "Stop after so many events");
  up.add_option("--seed", options.seed, "Of the generator: the same one gives the same events")
      ->excludes(input);
  up.add_option_function<std::string>(
        "--start-time",
        [&](const std::string& text) { options.start_time = *Timestamp::Parse(text); },
        "Of the first generated event; the others follow at the rate [now]")
      ->check(TimeText())
      ->type_name("TIME")
      ->excludes(input);
  AddMixOption(up, options.mix)->excludes(input);
}

void AddAnalysisOptions(CLI::App& up, UpOptions& options) {
  up.add_option("--rules", options.rules, "Rule files and folders [the shipped rules]")
      ->type_name("DIR");
  AddRoutingOptions(up, options.routing);
  up.add_option_function<std::string>(
        "--watch-rules",
        [&](const std::string& text) { options.watch_rules = *ParseDuration(text); },
        "How often to look for changed rules; 0s: only on SIGHUP [2s]")
      ->check(DurationText())
      ->type_name("DURATION");
  up.add_option_function<std::string>(
        "--lateness", [&](const std::string& text) { options.lateness = *ParseDuration(text); },
        "How late an event may come and still count in its window [0s]")
      ->check(DurationText())
      ->type_name("DURATION");
  up.add_option("--environment", options.environment, "Named in every alert")
      ->envname("ENVIRONMENT")
      ->capture_default_str();
}

void AddServiceOptions(CLI::App& up, UpOptions& options) {
  up.add_option("--data-dir", options.data_dir, "Where alerts.db is kept; made if missing")
      ->type_name("DIR")
      ->capture_default_str();
  AddHostOption(up, "--host", "API_HOST", options.host, "Address to listen on");
  AddPortOption(up, "--port", "API_PORT", options.port,
                "Port to listen on, 0 for any that is free");
  up.add_flag("--serve", options.serve, "Keep serving when all events are processed");
  up.add_flag("-q,--quiet", options.quiet, "Do not print alerts");
  up.add_option("--log-level", options.log_level, "debug, info, warning, error or off")
      ->check(LevelText())
      ->envname("LOG_LEVEL")
      ->capture_default_str();
}

}  // namespace

void AddUp(CLI::App& app, Action& action) {
  auto options = std::make_shared<UpOptions>();
  CLI::App* up = app.add_subcommand("up", "Run the whole platform in this process");
  AddFeedOptions(*up, *options);
  AddAnalysisOptions(*up, *options);
  AddServiceOptions(*up, *options);
  up->footer(kFooter);
  up->callback([options, &action] { action = [options] { return Run(*options); }; });
}

}  // namespace auditflow::cli
