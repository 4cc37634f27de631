#include "cli/generate.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "auditflow/core/clock.hpp"
#include "auditflow/core/random.hpp"
#include "auditflow/generate/event_generator.hpp"

#include "cli/option_values.hpp"
#include "cli/output.hpp"
#include "cli/terminal.hpp"

namespace auditflow::cli {
namespace {

constexpr const char* kFooter =
    R"(Writes audit events as JSON lines: ordinary work, with attacks played between it
that the shipped rules are about.

With --rate the events come in real time and carry the time of day. Without it
they come at once: one a second of event time from --start on (see --interval),
and the same options give the same bytes.

Examples:
  auditflow generate --count 1000 --seed 7 > events.jsonl
      the same thousand events every time
  auditflow generate --count 100000 --seed 7 | auditflow scan -
      what the shipped rules find in them
  auditflow generate --rate 200 --duration 30s
      200 a second for half a minute
  auditflow generate --count 20 --only user_login --scenario-rate 0.3
  auditflow generate --rate 50 --mix brute_force
      a quiet day but for guessed passwords)";

constexpr double kOfTheMix = -1;

struct Options {
  double rate = 0;
  std::optional<std::uint64_t> count;
  std::optional<Duration> duration;
  std::optional<Timestamp> start;
  std::optional<std::uint64_t> seed;
  std::optional<generate::TrafficMix> mix;
  double scenario_rate = kOfTheMix;
  generate::EventGeneratorOptions generator;
};

/// Without a start the same seed still gives the same events.
constexpr Timestamp kDefaultStart = Timestamp::FromUnixNanos(1'767'225'600'000'000'000);

/// How many events an unpaced run makes.
std::uint64_t UnpacedCount(const Options& options) {
  const std::uint64_t unlimited = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t count = options.count.value_or(unlimited);
  if (options.duration) {
    const auto fits = *options.duration / options.generator.interval;
    count = std::min(count, static_cast<std::uint64_t>(fits));
  }
  return count;
}

void RunUnpaced(const Options& options, generate::EventGenerator& generator, Output& output) {
  const std::uint64_t count = UnpacedCount(options);
  for (std::uint64_t i = 0; i < count && output.ok(); ++i) output.Line(generator.Next());
}

/// When event `index` is due after the start.
Duration DueAt(std::uint64_t index, double rate) {
  const double nanos = static_cast<double>(index) / rate * 1e9;
  return Duration(static_cast<std::int64_t>(std::min(nanos, 9e18)));
}

/// Sleeps no more often than a hundred times a second; what is due by then comes together.
void RunPaced(const Options& options, generate::EventGenerator& generator, Output& output) {
  constexpr Duration kShortestSleep = std::chrono::milliseconds(10);
  Clock& clock = SystemClock();
  const Duration start = clock.Monotonic();
  std::uint64_t made = 0;
  const auto more = [&] {
    return output.ok() && (!options.count || made < *options.count) &&
           (!options.duration || DueAt(made, options.rate) < *options.duration);
  };
  while (more()) {
    const Duration due = DueAt(made, options.rate);
    const Duration elapsed = clock.Monotonic() - start;
    if (due <= elapsed) {
      output.Line(generator.NextAt(clock.Now()));
      ++made;
      continue;
    }
    output.Flush();
    if (output.ok()) clock.SleepFor(std::max(due - elapsed, kShortestSleep), std::stop_token());
  }
}

int Run(Options options) {
  options.generator.seed = options.seed ? *options.seed : SystemRandom()->Next();
  options.generator.start = options.start.value_or(kDefaultStart);
  if (options.mix) options.generator.Use(*options.mix);
  if (options.scenario_rate != kOfTheMix) options.generator.scenario_rate = options.scenario_rate;
  Result<generate::EventGenerator> generator = generate::EventGenerator::Create(options.generator);
  if (!generator) {
    std::fprintf(stderr, "auditflow generate: %s\n", generator.error().message().c_str());
    return kExitUsage;
  }
  Output output(StandardOutput().interactive);
  if (options.rate > 0) {
    RunPaced(options, *generator, output);
  } else {
    RunUnpaced(options, *generator, output);
  }
  return Finish(output, kExitOk);
}

std::string EventTypes() {
  std::string types;
  for (const std::string& type : generate::EventGenerator::EventTypes()) {
    types += (types.empty() ? "" : types.size() > 45 ? ",\n" : ", ") + type;
  }
  return types;
}

void AddStartOption(CLI::App& command, Options& options) {
  command
      .add_option_function<std::string>(
          "--start",
          [&options](const std::string& text) {
            const Result<Timestamp> time = Timestamp::Parse(text);
            if (!time) throw CLI::ValidationError("--start", time.error().message());
            options.start = *time;
          },
          "Time of the first event without --rate\n(default: 2026-01-01T00:00:00Z)")
      ->type_name("TIME");
}

void AddAmountOptions(CLI::App& command, Options& options) {
  AddCountOption(command, "-n,--count", options.count, "Stop after this many events");
  AddNumberOption(command, "--rate", options.rate, 0.001, 1e9, "Events per second, in real time");
  command
      .add_option_function<std::string>(
          "--duration",
          [&options](const std::string& text) {
            const Result<Duration> parsed = ParseDuration(text);
            if (!parsed) throw CLI::ValidationError("--duration", parsed.error().message());
            options.duration = *parsed;
          },
          "Stop after this long; of event time without --rate")
      ->type_name("DURATION");
}

void AddContentOptions(CLI::App& command, Options& options) {
  AddCountOption(command, "--seed", options.seed,
                 "The same seed makes the same events (default: random)");
  AddStartOption(command, options);
  AddDurationOption(command, "--interval", options.generator.interval,
                    "Event time from one event to the next without --rate\n(default: 1s)");
  AddMixOption(command, options.mix);
  AddNumberOption(command, "--scenario-rate", options.scenario_rate, 0, 1,
                  "Share of events that begin an attack, 0 to 1\n(default: the mix's)");
  command
      .add_option("--only", options.generator.only,
                  "Only events of this type; may be repeated:\n" + EventTypes())
      ->check(CLI::IsMember(generate::EventGenerator::EventTypes()).description(""))
      ->allow_extra_args(false)
      ->type_name("TYPE");
}

/// What CLI11 cannot say: an endless run has to be wanted.
void CheckOptions(const Options& options) {
  if (!options.count && !options.duration && options.rate <= 0) {
    throw CLI::ValidationError("generate", "one of --count, --duration and --rate is needed");
  }
  if (options.generator.interval <= Duration{0}) {
    throw CLI::ValidationError("--interval", "has to be longer than 0");
  }
}

}  // namespace

void AddGenerate(CLI::App& app, Action& action) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("generate", "Write synthetic audit events");
  AddAmountOptions(*command, *options);
  AddContentOptions(*command, *options);
  command->footer(kFooter);
  command->callback([options, &action] {
    CheckOptions(*options);
    action = [options] { return Run(*options); };
  });
}

}  // namespace auditflow::cli
