#include "cli/bench_run.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <ctime>
#include <fstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "auditflow/event/event.hpp"
#include "auditflow/match/matcher.hpp"

#include "cli/plain_walk.hpp"

namespace auditflow::cli {
namespace {

/// Below this the clock and the first misses of the caches count for too much.
constexpr double kLeastSecondsOfAPass = 0.1;
constexpr std::size_t kMostRepeats = 1'000'000;
constexpr std::size_t kEventsAtOnce = 256;

double SecondsOf(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

template <class Work>
double Timed(clockid_t clock, Work&& work) {
  const double start = SecondsOf(clock);
  work();
  return SecondsOf(clock) - start;
}

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 != 0 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

/// What one thread needs to match.
class Engine {
 public:
  explicit Engine(const std::shared_ptr<const match::RuleSet>& rules) : matcher_(rules) {}

  /// Requires `AddPadding`.
  std::uint64_t Match(const std::string& text) {
    return parser_.ParseInPlace(text, event_).ok() ? matcher_.Match(event_).size() : 0;
  }

 private:
  event::EventParser parser_;
  event::Event event_;
  match::Matcher matcher_;
};

class Bench {
 public:
  Bench(const BenchLane& lane, const std::shared_ptr<const match::RuleSet>& rules,
        const BenchOptions& options)
      : lane_(lane), options_(options) {
    for (std::size_t i = 0; i < std::max<std::size_t>(options.threads, 1); ++i) {
      engines_.push_back(std::make_unique<Engine>(rules));
    }
  }

  BenchResult Run() {
    BenchResult result;
    result.matches = Match();
    const double once = Timed(CLOCK_THREAD_CPUTIME_ID, [&] { Walk(); });
    repeats_ = static_cast<std::size_t>(std::clamp(
        std::ceil(kLeastSecondsOfAPass / std::max(once, 1e-9)), 1.0, double{kMostRepeats}));
    for (std::size_t round = 0; round < std::max<std::size_t>(options_.rounds, 1); ++round) {
      RunRound();
    }
    const double events = static_cast<double>(lane_.events.size() * repeats_);
    result.events_per_second = events / Median(match_seconds_);
    result.bytes_per_second = static_cast<double>(lane_.bytes * repeats_) / Median(match_seconds_);
    result.ratio = Median(ratios_);
    if (options_.threads > 1) {
      result.threaded_events_per_second = events / Median(threaded_seconds_);
      result.speed_up = Median(speed_ups_);
    }
    return result;
  }

 private:
  void RunRound() {
    const double walk = Timed(CLOCK_THREAD_CPUTIME_ID, [&] { Repeat([&] { Walk(); }); });
    double alone = 0;
    const double match = Timed(CLOCK_THREAD_CPUTIME_ID, [&] {
      alone = Timed(CLOCK_MONOTONIC, [&] { Repeat([&] { Match(); }); });
    });
    match_seconds_.push_back(match);
    ratios_.push_back(walk / match);
    if (options_.threads <= 1) return;
    const double together = Timed(CLOCK_MONOTONIC, [&] { MatchTogether(); });
    threaded_seconds_.push_back(together);
    speed_ups_.push_back(alone / together);
  }

  template <class Work>
  void Repeat(Work&& work) const {
    for (std::size_t i = 0; i < repeats_; ++i) work();
  }

  void Walk() {
    std::size_t seen = 0;
    for (const std::string& event : lane_.events) seen += PlainWalk(parser_, event);
    seen_ = seen;  // so that the walk is not left out
  }

  std::uint64_t Match() {
    std::uint64_t matches = 0;
    for (const std::string& event : lane_.events) matches += engines_.front()->Match(event);
    seen_ = matches;
    return matches;
  }

  /// All threads take events from one place until there are none left.
  void MatchTogether() {
    const std::size_t count = lane_.events.size();
    const std::size_t total = count * repeats_;
    std::atomic<std::size_t> next{0};
    std::atomic<std::uint64_t> matches{0};
    const auto work = [&](Engine& engine) {
      std::uint64_t mine = 0;
      while (true) {
        const std::size_t first = next.fetch_add(kEventsAtOnce);
        if (first >= total) break;
        const std::size_t end = std::min(first + kEventsAtOnce, total);
        for (std::size_t i = first; i < end; ++i) mine += engine.Match(lane_.events[i % count]);
      }
      matches += mine;
    };
    std::vector<std::jthread> threads;
    for (const auto& engine : engines_) threads.emplace_back(work, std::ref(*engine));
    threads.clear();
    seen_ = matches.load();
  }

  const BenchLane& lane_;
  const BenchOptions& options_;
  std::vector<std::unique_ptr<Engine>> engines_;  ///< one for each thread
  simdjson::dom::parser parser_;
  std::size_t repeats_ = 1;
  volatile std::uint64_t seen_ = 0;
  std::vector<double> match_seconds_;
  std::vector<double> ratios_;
  std::vector<double> threaded_seconds_;
  std::vector<double> speed_ups_;
};

/// Has the kernel forget the highest resident size so far; without the right to, the figure is that
/// of the whole run.
void ResetPeak() { std::ofstream("/proc/self/clear_refs") << '5'; }

std::uint64_t PeakBytes() {
  constexpr std::string_view kKey = "VmHWM:";
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(kKey))
      return std::strtoull(line.c_str() + kKey.size(), nullptr, 10) * 1024;
  }
  return 0;
}

}  // namespace

BenchResult RunLane(const BenchLane& lane, const std::shared_ptr<const match::RuleSet>& rules,
                    const BenchOptions& options) {
  ResetPeak();
  BenchResult result = Bench(lane, rules, options).Run();
  result.peak_bytes = PeakBytes();
  return result;
}

}  // namespace auditflow::cli
