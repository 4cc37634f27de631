// Messages per second out of RabbitMQ, beside a bare loop of librabbitmq that does nothing with
// them: the same prefetch, and acknowledgements of a hundred at once. Both empty a filled queue in
// turns, so that `ratio` says more than either figure.
//
// Needs a server: `rabbitmq_server.py start FOLDER` (sdk/tests/rabbitmq/integration), and FOLDER in
// AUDITFLOW_RABBITMQ.
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "auditflow/rabbitmq/rabbitmq_consumer.hpp"
#include "auditflow/rabbitmq/rabbitmq_publisher.hpp"

#include "broker.hpp"

namespace auditflow::rabbitmq {
namespace {

using std::chrono::steady_clock;

constexpr int kMessages = 20'000;
constexpr std::uint16_t kPrefetch = 500;
constexpr int kAckBatch = 100;
constexpr char kQueue[] = "auditflow-bench";

ConnectionOptions Connection(std::uint16_t port) {
  ConnectionOptions options;
  options.port = port;
  return options;
}

bool Fill(std::uint16_t port) {
  PublisherOptions options;
  options.connection = Connection(port);
  options.queue = kQueue;
  const auto publisher = RabbitMqPublisher::Create(options);
  std::vector<broker::Message> messages(kMessages);
  for (std::size_t i = 0; i < messages.size(); ++i) {
    messages[i].message_id = "f00eadcb-3032-4e3f-a35c-badd7cf7" + std::to_string(1000 + i % 9000);
    messages[i].body.assign(512, 'x');
  }
  return (*publisher)->Publish(messages, std::chrono::minutes(1)).ok();
}

/// Seconds from the first message to the last.
double Ours(std::uint16_t port) {
  ConsumerOptions options;
  options.connection = Connection(port);
  options.queue = kQueue;
  options.prefetch = kPrefetch;
  options.ack_batch = kAckBatch;
  const auto consumer = RabbitMqConsumer::Create(options);
  std::size_t taken = 0;
  steady_clock::time_point start;
  std::vector<std::uint64_t> tags;
  while (taken < kMessages) {
    const auto got = (*consumer)->Receive(256, std::chrono::seconds(10));
    if (!got) return 0;
    if (taken == 0) start = steady_clock::now();
    tags.clear();
    for (const broker::Delivery& delivery : *got) {
      benchmark::DoNotOptimize(delivery.message.body.data());
      tags.push_back(delivery.tag);
    }
    if (!(*consumer)->Ack(tags).ok()) return 0;
    taken += got->size();
  }
  return std::chrono::duration<double>(steady_clock::now() - start).count();
}

double Bare(std::uint16_t port) {
  return bench::ConsumeBare({.port = port,
                             .queue = kQueue,
                             .messages = kMessages,
                             .prefetch = kPrefetch,
                             .ack_batch = kAckBatch});
}

void Consume(benchmark::State& state) {
  const std::optional<std::uint16_t> port = bench::BrokerPort();
  if (!port) {
    state.SkipWithError("AUDITFLOW_RABBITMQ names no server");
    return;
  }
  double ours = 0;
  double bare = 0;
  double rounds = 0;
  for ([[maybe_unused]] const auto _ : state) {
    const bool filled = Fill(*port);
    const double of_bare = filled ? Bare(*port) : 0;
    const double of_ours = of_bare > 0 && Fill(*port) ? Ours(*port) : 0;
    if (of_ours <= 0) {
      state.SkipWithError("the broker failed");
      return;
    }
    bare += of_bare;
    ours += of_ours;
    ++rounds;
  }
  state.counters["bare_per_s"] = kMessages * rounds / bare;
  state.counters["ours_per_s"] = kMessages * rounds / ours;
  state.counters["ratio"] = bare / ours;
}
BENCHMARK(Consume)->Unit(benchmark::kMillisecond)->Iterations(5);

}  // namespace
}  // namespace auditflow::rabbitmq
