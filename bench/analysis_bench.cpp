// Events per second through the analysis, from RabbitMQ to acknowledgements, beside a bare loop of
// librabbitmq that does nothing with them: the same prefetch, and acknowledgements of a hundred at
// once. Both empty a queue filled with the same generated events in turns, so that `ratio` says
// more than either figure. `cpu_us` is processor time of this process per event, all threads.
//
// Needs a broker: `rabbitmq_server.py start FOLDER` (sdk/tests/rabbitmq/integration), and FOLDER in
// AUDITFLOW_RABBITMQ. It starts a Redis of its own.
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
constexpr std::size_t kBatch = 256;  // the service's
constexpr char kQueue[] = "auditflow-analysis-bench";
constexpr char kAlertQueue[] = "auditflow-analysis-bench-alerts";

rabbitmq::ConnectionOptions Connection(std::uint16_t port) {
  rabbitmq::ConnectionOptions options;
  options.port = port;
  return options;
}

/// Other events in each round, a second apart.
std::vector<broker::Message> Events(std::uint64_t seed) {
  generate::EventGeneratorOptions options;
  options.seed = seed;
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

/// Seconds from the first message to the last.
double Bare(std::uint16_t port) {
  return bench::ConsumeBare({.port = port,
                             .queue = kQueue,
                             .messages = kEvents,
                             .prefetch = kPrefetch,
                             .ack_batch = kAckBatch});
}

struct Taken {
  double seconds = 0;
  double cpu_seconds = 0;
  double alerts = 0;
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
  const auto consumer = rabbitmq::RabbitMqConsumer::Create(consuming);
  observe::Metrics registry;
  observe::PipelineMetrics metrics(registry);
  observe::HealthRegistry health;
  pipeline::AnalyzerOptions options;
  options.max_batch = kBatch;
  options.finish_in_background = true;
  options.flush_at_end = false;
  pipeline::Analyzer analyzer(**consumer, **publisher, std::move(detector), metrics.analysis(),
                              health, options);
  const bool ready = (*publisher)->WaitUntilReady(std::chrono::seconds(10)).ok();
  const steady_clock::time_point start = steady_clock::now();
  const double cpu = CpuSeconds();
  pipeline::Worker worker([&](const std::stop_token& stop) { analyzer.Run(stop); });
  const observe::Counter& processed = metrics.analysis().events.processed;
  const observe::Counter& duplicate = metrics.analysis().events.duplicate;
  while (ready && processed.Value() + duplicate.Value() < kEvents) {
    if (steady_clock::now() - start > std::chrono::minutes(1)) return {};
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  Taken taken{Seconds(steady_clock::now() - start), CpuSeconds() - cpu, 0};
  taken.alerts = static_cast<double>((*publisher)->GetStatistics().confirmed);
  worker.RequestStop();
  worker.WaitFor(std::chrono::seconds(10));
  (*consumer)->Shutdown();
  return taken;
}

void Analyse(benchmark::State& state, bool in_redis) {
  const std::optional<std::uint16_t> port = bench::BrokerPort();
  if (!port) return state.SkipWithError("AUDITFLOW_RABBITMQ names no server");
  redis::RedisServer* const server = in_redis ? redis::SharedServer() : nullptr;
  if (in_redis && server == nullptr) return state.SkipWithError("no redis-server here");
  observe::log::SetLogLevel(observe::log::Level::kError);
  pipeline::RulePackageOptions package;
  package.logsource_maps = package.taxonomies = {AUDITFLOW_SOURCE_DIR "/sdk/rules/logsources"};
  const auto rules = pipeline::LoadRulePackage({AUDITFLOW_SOURCE_DIR "/sdk/rules"}, package);
  double bare = 0;
  Taken ours;
  double rounds = 0;
  for ([[maybe_unused]] const auto _ : state) {
    const auto events = Events(static_cast<std::uint64_t>(rounds) + 1);
    const double of_bare = Fill(*port, events) ? Bare(*port) : 0;
    std::shared_ptr<redis::RedisWindows> windows;
    if (in_redis) windows = *redis::RedisWindows::Create(server->Options());
    if (of_bare <= 0 || !Fill(*port, events)) return state.SkipWithError("the broker failed");
    const Taken of_ours = Analysis(*port, NewDetector(rules, windows));
    if (of_ours.seconds <= 0) return state.SkipWithError("the analysis failed");
    bare += of_bare;
    ours.seconds += of_ours.seconds;
    ours.cpu_seconds += of_ours.cpu_seconds;
    ours.alerts += of_ours.alerts;
    ++rounds;
  }
  state.counters["bare_per_s"] = kEvents * rounds / bare;
  state.counters["ours_per_s"] = kEvents * rounds / ours.seconds;
  state.counters["ratio"] = bare / ours.seconds;
  state.counters["cpu_us"] = ours.cpu_seconds * 1e6 / (kEvents * rounds);
  state.counters["alerts"] = ours.alerts / rounds;
}
BENCHMARK_CAPTURE(Analyse, windows_in_memory, false)->Unit(benchmark::kMillisecond)->Iterations(4);
BENCHMARK_CAPTURE(Analyse, windows_in_redis, true)->Unit(benchmark::kMillisecond)->Iterations(4);

}  // namespace
}  // namespace auditflow
