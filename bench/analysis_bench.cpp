// Events per second through the analysis, from RabbitMQ to acknowledgements, beside a bare loop of
// librabbitmq that does nothing with them: the same prefetch, and acknowledgements of a hundred at
// once. Both empty a queue filled with the same generated events in turns, so that `ratio` says
// more than either figure; both are timed from their first message on. `ratio_beside_alerts` is the
// bare loop's own while somebody else publishes as many alerts as the analysis does: what the
// broker's work for these leaves. `cpu_us` is processor time of this process per event, all
// threads; `confirm_ms` is how long an alert waits for the broker's confirm.
//
// Needs a broker: `rabbitmq_server.py start FOLDER` (sdk/tests/rabbitmq/integration), and FOLDER in
// AUDITFLOW_RABBITMQ. It starts a Redis of its own.
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <benchmark/benchmark.h>
#include <sys/resource.h>

#include "auditflow/generate/event_generator.hpp"
#include "auditflow/observe/logging.hpp"
#include "auditflow/observe/pipeline_metrics.hpp"
#include "auditflow/pipeline/analyzer.hpp"
#include "auditflow/pipeline/rule_package.hpp"
#include "auditflow/pipeline/worker.hpp"
#include "auditflow/rabbitmq/rabbitmq_consumer.hpp"
#include "auditflow/rabbitmq/rabbitmq_publisher.hpp"
#include "auditflow/redis/redis_windows.hpp"

#include "tests/redis/redis_server.hpp"

#include "broker.hpp"

namespace auditflow {
namespace {

using std::chrono::steady_clock;

constexpr int kEvents = 40'000;
constexpr std::uint16_t kPrefetch = 2000;  // the service's
constexpr int kAckBatch = 100;
constexpr std::size_t kBatch = 1000;       // the service's
constexpr std::size_t kAlertBytes = 1300;  // about what they have
constexpr char kQueue[] = "auditflow-analysis-bench";
constexpr char kAlertQueue[] = "auditflow-analysis-bench-alerts";

rabbitmq::ConnectionOptions Connection(std::uint16_t port) {
  rabbitmq::ConnectionOptions options;
  options.port = port;
  return options;
}

/// Other events in each round, a second apart.
std::vector<broker::Message> Events(std::uint64_t seed, const std::string& mix) {
  generate::EventGeneratorOptions options;
  options.seed = seed;
  options.Use(*generate::FindTrafficMix(mix));
  options.start = SystemClock().Now() - std::chrono::hours(12);
  auto generator = generate::EventGenerator::Create(options);
  std::vector<broker::Message> messages(kEvents);
  for (broker::Message& message : messages) message.body = generator->Next();
  return messages;
}

bool Fill(std::uint16_t port, const std::vector<broker::Message>& events) {
  rabbitmq::PublisherOptions options;
  options.connection = Connection(port);
  options.queue = kQueue;
  const auto publisher = rabbitmq::RabbitMqPublisher::Create(options);
  return (*publisher)->Publish(events, std::chrono::minutes(1)).ok();
}

double Seconds(steady_clock::duration duration) {
  return std::chrono::duration<double>(duration).count();
}

double CpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

bench::BareConsumerOptions BareConsumer(std::uint16_t port) {
  return {.port = port,
          .queue = kQueue,
          .messages = kEvents,
          .prefetch = kPrefetch,
          .ack_batch = kAckBatch};
}

/// Seconds from the first message to the last.
double Bare(std::uint16_t port) { return bench::ConsumeBare(BareConsumer(port)); }

/// The same while somebody publishes as many alerts as the analysis does: what the broker itself
/// leaves of the bare loop's speed.
double BareBesideAlerts(std::uint16_t port, int alerts) {
  std::atomic<int> taken = 0;
  bench::BareConsumerOptions consuming = BareConsumer(port);
  consuming.taken = &taken;
  const bench::BarePublisherOptions publishing = {.port = port,
                                                  .queue = kAlertQueue,
                                                  .messages = alerts,
                                                  .bytes = kAlertBytes,
                                                  .per_messages = kEvents};
  std::jthread publisher(
      [&](const std::stop_token& stop) { bench::PublishBare(publishing, taken, stop); });
  const double seconds = bench::ConsumeBare(consuming);
  if (seconds > 0) publisher.join();
  return seconds;
}

struct Taken {
  double seconds = 0;
  double cpu_seconds = 0;
  double alerts = 0;
  double confirm_seconds = 0;  // how long each waited for its confirm
};

std::unique_ptr<pipeline::Detector> NewDetector(
    const std::shared_ptr<const pipeline::RulePackage>& rules,
    const std::shared_ptr<redis::RedisWindows>& windows) {
  pipeline::DetectorOptions options;
  options.allowed_lateness = std::chrono::seconds(2);
  if (windows != nullptr) {
    options.window_store = [windows](std::vector<correlate::WindowSpec> specs) {
      return windows->NewStore(std::move(specs), std::chrono::seconds(2));
    };
  }
  return *pipeline::Detector::Create(rules, options);
}

/// Notes when the first delivery is handed out.
class TimedConsumer final : public broker::Consumer {
 public:
  explicit TimedConsumer(broker::Consumer& consumer) : consumer_(consumer) {}

  Result<std::vector<broker::Delivery>> Receive(std::size_t max, Duration wait) override {
    auto deliveries = consumer_.Receive(max, wait);
    if (!started_ && deliveries && !deliveries->empty()) {
      start_ = steady_clock::now();
      cpu_ = CpuSeconds();
      started_ = true;
    }
    return deliveries;
  }
  Status Ack(std::span<const std::uint64_t> tags) override { return consumer_.Ack(tags); }
  Status Requeue(std::span<const std::uint64_t> tags) override { return consumer_.Requeue(tags); }
  Status DeadLetter(std::uint64_t tag, std::string_view reason) override {
    return consumer_.DeadLetter(tag, reason);
  }
  void Shutdown() override { consumer_.Shutdown(); }

  /// Since then. Once all is settled.
  [[nodiscard]] double Seconds() const { return auditflow::Seconds(steady_clock::now() - start_); }
  [[nodiscard]] double CpuSinceStart() const { return CpuSeconds() - cpu_; }

 private:
  broker::Consumer& consumer_;
  bool started_ = false;
  steady_clock::time_point start_;
  double cpu_ = 0;
};

/// The same for the analysis as the service runs it.
Taken Analysis(std::uint16_t port, std::unique_ptr<pipeline::Detector> detector) {
  rabbitmq::ConsumerOptions consuming;
  consuming.connection = Connection(port);
  consuming.queue = kQueue;
  consuming.prefetch = kPrefetch;
  consuming.ack_batch = kAckBatch;
  rabbitmq::PublisherOptions publishing;
  publishing.connection = Connection(port);
  publishing.queue = kAlertQueue;
  const auto publisher = rabbitmq::RabbitMqPublisher::Create(publishing);
  if (!(*publisher)->WaitUntilReady(std::chrono::seconds(10)).ok()) return {};
  const auto consumer = rabbitmq::RabbitMqConsumer::Create(consuming);
  TimedConsumer timed(**consumer);
  observe::Metrics registry;
  observe::PipelineMetrics metrics(registry);
  observe::HealthRegistry health;
  pipeline::AnalyzerOptions options;
  options.max_batch = kBatch;
  options.finish_in_background = true;
  options.flush_at_end = false;
  pipeline::Analyzer analyzer(timed, **publisher, std::move(detector), metrics.analysis(), health,
                              options);
  const steady_clock::time_point start = steady_clock::now();
  pipeline::Worker worker([&](const std::stop_token& stop) { analyzer.Run(stop); });
  const observe::Counter& processed = metrics.analysis().events.processed;
  const observe::Counter& duplicate = metrics.analysis().events.duplicate;
  while (processed.Value() + duplicate.Value() < kEvents) {
    if (steady_clock::now() - start > std::chrono::minutes(1)) return {};
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  Taken taken{timed.Seconds(), timed.CpuSinceStart(), 0, 0};
  const auto statistics = (*publisher)->GetStatistics();
  taken.alerts = static_cast<double>(statistics.confirmed);
  if (taken.alerts > 0) taken.confirm_seconds = Seconds(statistics.confirm_time) / taken.alerts;
  worker.RequestStop();
  worker.WaitFor(std::chrono::seconds(10));
  (*consumer)->Shutdown();
  return taken;
}

void Analyse(benchmark::State& state, bool in_redis, const std::string& mix) {
  const std::optional<std::uint16_t> port = bench::BrokerPort();
  if (!port) return state.SkipWithError("AUDITFLOW_RABBITMQ names no server");
  redis::RedisServer* const server = in_redis ? redis::SharedServer() : nullptr;
  if (in_redis && server == nullptr) return state.SkipWithError("no redis-server here");
  observe::log::SetLogLevel(observe::log::Level::kError);
  pipeline::RulePackageOptions package;
  package.logsource_maps = package.taxonomies = {AUDITFLOW_SOURCE_DIR "/sdk/rules/logsources"};
  const auto rules = pipeline::LoadRulePackage({AUDITFLOW_SOURCE_DIR "/sdk/rules"}, package);
  double bare = 0;
  double beside_alerts = 0;
  Taken ours;
  double rounds = 0;
  for ([[maybe_unused]] const auto _ : state) {
    const auto events = Events(static_cast<std::uint64_t>(rounds) + 1, mix);
    std::shared_ptr<redis::RedisWindows> windows;
    if (in_redis) windows = *redis::RedisWindows::Create(server->Options());
    if (!Fill(*port, events)) return state.SkipWithError("the broker failed");
    const Taken of_ours = Analysis(*port, NewDetector(rules, windows));
    if (of_ours.seconds <= 0) return state.SkipWithError("the analysis failed");
    const double of_bare = Fill(*port, events) ? Bare(*port) : 0;
    const int alerts = static_cast<int>(of_ours.alerts);
    const double of_beside = Fill(*port, events) ? BareBesideAlerts(*port, alerts) : 0;
    if (of_bare <= 0 || of_beside <= 0) return state.SkipWithError("the broker failed");
    ours.seconds += of_ours.seconds;
    ours.cpu_seconds += of_ours.cpu_seconds;
    ours.alerts += of_ours.alerts;
    ours.confirm_seconds += of_ours.confirm_seconds;
    bare += of_bare;
    beside_alerts += of_beside;
    ++rounds;
  }
  const double all = kEvents * rounds;
  state.counters["bare_per_s"] = all / bare;
  state.counters["ours_per_s"] = all / ours.seconds;
  state.counters["ratio"] = bare / ours.seconds;
  state.counters["ratio_beside_alerts"] = bare / beside_alerts;
  state.counters["cpu_us"] = ours.cpu_seconds * 1e6 / all;
  state.counters["alerts"] = ours.alerts / rounds;
  state.counters["confirm_ms"] = ours.confirm_seconds * 1e3 / rounds;
}
BENCHMARK_CAPTURE(Analyse, windows_in_memory, false, "standard")
    ->Unit(benchmark::kMillisecond)
    ->Iterations(4);
BENCHMARK_CAPTURE(Analyse, windows_in_redis, true, "standard")
    ->Unit(benchmark::kMillisecond)
    ->Iterations(4);
BENCHMARK_CAPTURE(Analyse, quiet_day_in_memory, false, "quiet_day")
    ->Unit(benchmark::kMillisecond)
    ->Iterations(4);
BENCHMARK_CAPTURE(Analyse, quiet_day_in_redis, true, "quiet_day")
    ->Unit(benchmark::kMillisecond)
    ->Iterations(4);

}  // namespace
}  // namespace auditflow
