// Events per second through the in-memory window store, by type and by size of the window. The
// updates are made beforehand; only `Apply` is measured, one update per call's share of a batch.
#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>

#include "auditflow/core/random.hpp"
#include "auditflow/correlate/window_store.hpp"

namespace auditflow::correlate {
namespace {

using sigma::Comparison;
using sigma::CorrelationType;

constexpr std::int64_t kStart = 1'700'000'000'000'000'000;
constexpr std::size_t kBatch = 256;

struct Load {
  CorrelationType type = CorrelationType::kEventCount;
  std::size_t groups = 1;
  std::size_t window = 1000;      ///< events in a group's window
  std::size_t distinct = 20'000;  ///< values
  Duration lateness{0};
  std::string group_prefix = {};
};

Uuid RandomId(RandomSource& random) { return Uuid::Random(random); }

/// Updates whose times go round: `Shift` moves them on by one round.
class Stream {
 public:
  explicit Stream(const Load& load) : load_(load), random_(SeededRandom(1)) {
    const std::size_t size = std::max<std::size_t>(std::size_t{1} << 18U, load.window * 2);
    updates_.reserve(size);
    for (std::size_t i = 0; i < size; ++i) updates_.push_back(Make(i));
  }

  std::span<const WindowUpdate> Next() {
    if (at_ + kBatch > updates_.size()) {
      at_ = 0;
      Shift();
    }
    const std::span<const WindowUpdate> batch(updates_.data() + at_, kBatch);
    at_ += kBatch;
    return batch;
  }
  bool AboutToShift() const { return at_ + kBatch > updates_.size(); }

 private:
  static constexpr std::int64_t kStep = 1000;

  WindowUpdate Make(std::size_t i) {
    WindowUpdate update;
    update.group = load_.group_prefix + "12:prod-db-02.eu9:user" + std::to_string(i % load_.groups);
    update.event_id = RandomId(*random_);
    update.time = Timestamp::FromUnixNanos(kStart + static_cast<std::int64_t>(i) * kStep);
    update.slots = {static_cast<std::uint32_t>(i % 3)};
    if (load_.type == CorrelationType::kValueCount) {
      update.value = "value-" + std::to_string(random_->Below(load_.distinct));
    } else {
      update.value = random_->Unit() * 1000;
    }
    update.payload = std::string(400, 'x');
    return update;
  }

  void Shift() {
    const Duration round(static_cast<std::int64_t>(updates_.size()) * kStep);
    for (WindowUpdate& update : updates_) {
      update.time = update.time + round;
      update.event_id = RandomId(*random_);
    }
  }

  Load load_;
  std::unique_ptr<RandomSource> random_;
  std::vector<WindowUpdate> updates_;
  std::size_t at_ = 0;
};

std::unique_ptr<WindowStore> StoreFor(const Load& load) {
  WindowSpec spec;
  spec.key = "bench";
  spec.type = load.type;
  spec.timespan = Duration(static_cast<std::int64_t>(load.window * load.groups) * 1000);
  spec.condition = {{Comparison::kGte, 1e8}};
  spec.rule_slots = 4;
  WindowLimits limits;
  limits.max_events_per_group = std::size_t{1} << 22U;
  return NewInMemoryWindowStore({spec}, load.lateness, limits);
}

void Run(benchmark::State& state, const Load& load) {
  Stream stream(load);
  const auto store = StoreFor(load);
  for (std::size_t i = 0; i < load.window * load.groups + kBatch; i += kBatch) {
    benchmark::DoNotOptimize(store->Apply(stream.Next()));
  }
  for ([[maybe_unused]] auto _ : state) {
    if (stream.AboutToShift()) {
      state.PauseTiming();
      benchmark::DoNotOptimize(store->Apply(stream.Next()));
      state.ResumeTiming();
    }
    benchmark::DoNotOptimize(store->Apply(stream.Next()));
  }
  const auto batches = static_cast<std::int64_t>(state.iterations());
  state.SetItemsProcessed(batches * static_cast<std::int64_t>(kBatch));
  state.counters["late"] = static_cast<double>(store->Statistics().late);
}

void EventCountByGroups(benchmark::State& state) {
  Run(state, {.groups = static_cast<std::size_t>(state.range(0)), .window = 100});
}
BENCHMARK(EventCountByGroups)->Arg(1)->Arg(100)->Arg(1000);

void ValueCount20000Distinct(benchmark::State& state) {
  Run(state, {.type = CorrelationType::kValueCount, .window = 60'000});
}
BENCHMARK(ValueCount20000Distinct);

void EventCountWithLateness(benchmark::State& state) {
  Run(state, {.groups = 100, .window = 100, .lateness = std::chrono::milliseconds(1)});
}
BENCHMARK(EventCountWithLateness);

/// The cost per event by the size of the window.
void ByWindow(benchmark::State& state, CorrelationType type) {
  Run(state, {.type = type,
              .window = static_cast<std::size_t>(state.range(0)),
              .distinct = static_cast<std::size_t>(state.range(0))});
}
#define AUDITFLOW_BY_WINDOW(name, type) \
  BENCHMARK_CAPTURE(ByWindow, name, CorrelationType::type)->RangeMultiplier(8)->Range(64, 1 << 18)
AUDITFLOW_BY_WINDOW(event_count, kEventCount);
AUDITFLOW_BY_WINDOW(value_count, kValueCount);
AUDITFLOW_BY_WINDOW(value_sum, kValueSum);
AUDITFLOW_BY_WINDOW(value_avg, kValueAvg);
AUDITFLOW_BY_WINDOW(value_percentile, kValuePercentile);
AUDITFLOW_BY_WINDOW(value_median, kValueMedian);
AUDITFLOW_BY_WINDOW(temporal, kTemporal);
AUDITFLOW_BY_WINDOW(temporal_ordered, kTemporalOrdered);
#undef AUDITFLOW_BY_WINDOW

/// The control for `ByWindow`: as many events in all, in windows of 64, so that what is touched is
/// as far apart but no window has more to do.
void ByMemory(benchmark::State& state, CorrelationType type) {
  constexpr std::size_t kWindow = 64;
  Run(state, {.type = type,
              .groups = static_cast<std::size_t>(state.range(0)) / kWindow,
              .window = kWindow,
              .distinct = kWindow});
}
#define AUDITFLOW_BY_MEMORY(name, type) \
  BENCHMARK_CAPTURE(ByMemory, name, CorrelationType::type)->RangeMultiplier(8)->Range(64, 1 << 18)
AUDITFLOW_BY_MEMORY(event_count, kEventCount);
AUDITFLOW_BY_MEMORY(value_count, kValueCount);
AUDITFLOW_BY_MEMORY(value_median, kValueMedian);
#undef AUDITFLOW_BY_MEMORY

/// Threads over one store, each with groups of its own: what two cores make of one, since a group's
/// lock is that of its shard. Making new ids once a round is part of the time, for all alike.
void Threads(benchmark::State& state, CorrelationType type) {
  static std::unique_ptr<WindowStore> shared;
  Load load{.type = type, .groups = 100, .window = 100, .distinct = 100};
  if (state.thread_index() == 0) shared = StoreFor(load);
  load.group_prefix = std::to_string(state.thread_index());
  Stream stream(load);
  for ([[maybe_unused]] auto _ : state) benchmark::DoNotOptimize(shared->Apply(stream.Next()));
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) *
                          static_cast<std::int64_t>(kBatch));
}
BENCHMARK_CAPTURE(Threads, event_count, CorrelationType::kEventCount)
    ->ThreadRange(1, 2)
    ->UseRealTime();
BENCHMARK_CAPTURE(Threads, value_count, CorrelationType::kValueCount)
    ->ThreadRange(1, 2)
    ->UseRealTime();
BENCHMARK_CAPTURE(Threads, value_median, CorrelationType::kValueMedian)
    ->ThreadRange(1, 2)
    ->UseRealTime();

}  // namespace
}  // namespace auditflow::correlate
