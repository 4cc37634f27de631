// How much of the speed of a plain walk over the same bytes is left when events are parsed, and
// when rules are matched.
//
// Every lane runs in three forms: Walk (simdjson's DOM parser alone, then each key and value
// visited: the floor that any engine stands on), Parse (an `Event`: the same plus our checks), and
// Match (parse and match, with the shipped logsource maps). Compare rows of one run only; `ratio`
// is the speed of the row to that of the lane's Walk.
//
// AUDITFLOW_BENCH_RULES: folders of rules, separated by ':'. AUDITFLOW_BENCH_LANES: files of JSON
// lines, likewise; they are matched against those rules. AUDITFLOW_BENCH_ROUTING=0: without maps.
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <benchmark/benchmark.h>
#include <simdjson.h>

#include "auditflow/event/event.hpp"
#include "auditflow/generate/event_generator.hpp"
#include "auditflow/match/matcher.hpp"
#include "auditflow/pipeline/rule_package.hpp"

#include "cli/plain_walk.hpp"

namespace {

using auditflow::event::Event;
using auditflow::event::EventParser;

struct Lane {
  std::string name;
  std::vector<std::string> events;
  std::size_t bytes = 0;
  std::shared_ptr<const auditflow::pipeline::RulePackage> rules;
  mutable double walk_seconds = 0;  ///< per round, as Walk measured it last
};

void Add(Lane& lane, std::string event) {
  lane.bytes += event.size();
  auditflow::cli::AddPadding(event);
  lane.events.push_back(std::move(event));
}

Lane GeneratedLane() {
  Lane lane;
  lane.name = "generated";
  auto generator = auditflow::generate::EventGenerator::Create({}).value();
  for (int i = 0; i < 20'000; ++i) Add(lane, generator.Next());
  return lane;
}

Lane FileLane(const std::filesystem::path& path) {
  Lane lane;
  lane.name = path.stem().string();
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (!line.empty()) Add(lane, line);
  }
  return lane;
}

double SecondsSince(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// `seconds`: of all rounds.
void Report(benchmark::State& state, const Lane& lane, double seconds) {
  if (const double rounds = static_cast<double>(state.iterations());
      seconds > 0 && lane.walk_seconds > 0) {
    state.counters["ratio"] = lane.walk_seconds * rounds / seconds;
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(lane.events.size()) * state.iterations());
  state.SetBytesProcessed(static_cast<std::int64_t>(lane.bytes) * state.iterations());
}

void Walk(benchmark::State& state, const Lane& lane) {
  simdjson::dom::parser parser;
  const auto start = std::chrono::steady_clock::now();
  while (state.KeepRunning()) {
    std::size_t seen = 0;
    for (const std::string& event : lane.events) {
      seen += auditflow::cli::PlainWalk(parser, event);
    }
    benchmark::DoNotOptimize(seen);
  }
  const double seconds = SecondsSince(start);
  lane.walk_seconds = seconds / static_cast<double>(state.iterations());
  Report(state, lane, seconds);
}

void Parse(benchmark::State& state, const Lane& lane) {
  EventParser parser;
  Event event;
  const auto start = std::chrono::steady_clock::now();
  while (state.KeepRunning()) {
    for (const std::string& text : lane.events) {
      if (!parser.ParseInPlace(text, event).ok()) state.SkipWithError("an event is malformed");
    }
  }
  Report(state, lane, SecondsSince(start));
}

void Match(benchmark::State& state, const Lane& lane) {
  EventParser parser;
  Event event;
  auditflow::match::Matcher matcher(lane.rules->rule_set);
  std::size_t matches = 0;
  const auto start = std::chrono::steady_clock::now();
  while (state.KeepRunning()) {
    matches = 0;
    for (const std::string& text : lane.events) {
      if (!parser.ParseInPlace(text, event).ok()) state.SkipWithError("an event is malformed");
      matches += matcher.Match(event).size();
    }
  }
  Report(state, lane, SecondsSince(start));
  state.counters["rules"] = static_cast<double>(lane.rules->rule_set->rule_count());
  state.counters["matches"] = static_cast<double>(matches);
}

/// What stands between ':' in the variable.
std::vector<std::filesystem::path> PathsFrom(const char* variable) {
  std::vector<std::filesystem::path> paths;
  const char* value = std::getenv(variable);
  std::string_view rest = value == nullptr ? "" : value;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(':'), rest.size());
    if (end > 0) paths.emplace_back(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return paths;
}

std::shared_ptr<const auditflow::pipeline::RulePackage> LoadRules(
    const std::vector<std::filesystem::path>& paths) {
  auditflow::pipeline::RulePackageOptions options;
  const char* routing = std::getenv("AUDITFLOW_BENCH_ROUTING");
  if (routing == nullptr || std::string_view(routing) != "0") {
    options.logsource_maps = {std::filesystem::path(AUDITFLOW_SOURCE_DIR) / "sdk/rules/logsources"};
  }
  return auditflow::pipeline::LoadRulePackage(paths, options);
}

std::vector<Lane> MakeLanes() {
  std::vector<Lane> lanes;
  lanes.push_back(GeneratedLane());
  lanes.back().rules = LoadRules({std::filesystem::path(AUDITFLOW_SOURCE_DIR) / "sdk/rules"});
  const auto rule_paths = PathsFrom("AUDITFLOW_BENCH_RULES");
  const auto rules = LoadRules(rule_paths);
  for (const auto& path : PathsFrom("AUDITFLOW_BENCH_LANES")) {
    lanes.push_back(FileLane(path));
    lanes.back().rules = rules;
  }
  return lanes;
}

const bool kRegistered = [] {
  static const std::vector<Lane> lanes = MakeLanes();
  for (const Lane& lane : lanes) {
    using Body = void (*)(benchmark::State&, const Lane&);
    for (const auto& [name, body] :
         {std::pair<const char*, Body>{"Walk/", Walk}, {"Parse/", Parse}, {"Match/", Match}}) {
      benchmark::RegisterBenchmark((name + lane.name).c_str(), [body = body,
                                                                &lane](benchmark::State& state) {
        body(state, lane);
      })->Unit(benchmark::kMillisecond);
    }
  }
  return true;
}();

}  // namespace
