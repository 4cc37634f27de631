// The whole way in one process: events go into a queue, the analyzer turns them into alerts with
// the shipped rules, the ingest stores those, and a query reads them back.

#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "auditflow/broker/in_process_broker.hpp"
#include "auditflow/core/clock.hpp"
#include "auditflow/generate/event_generator.hpp"
#include "auditflow/observe/health.hpp"
#include "auditflow/observe/metrics.hpp"
#include "auditflow/observe/pipeline_metrics.hpp"
#include "auditflow/pipeline/alert_ingest.hpp"
#include "auditflow/pipeline/analyzer.hpp"
#include "auditflow/pipeline/detector.hpp"
#include "auditflow/pipeline/rule_package.hpp"
#include "auditflow/pipeline/worker.hpp"
#include "auditflow/store/in_memory_alert_store.hpp"

namespace {

using auditflow::Result;
using auditflow::Status;
namespace broker = auditflow::broker;
namespace generate = auditflow::generate;
namespace observe = auditflow::observe;
namespace pipeline = auditflow::pipeline;
namespace store = auditflow::store;

constexpr int kEvents = 2000;

Result<std::vector<broker::Message>> MakeEvents() {
  generate::EventGeneratorOptions options;
  options.seed = 7;
  options.scenario_rate = 0.02;
  Result<generate::EventGenerator> generator = generate::EventGenerator::Create(options);
  if (!generator) return auditflow::Error(generator.error());
  std::vector<broker::Message> messages(kEvents);
  for (broker::Message& message : messages) message.body = generator->Next();
  return messages;
}

/// Two workers over two queues, wired for the length of `Process`.
class Platform {
 public:
  explicit Platform(std::unique_ptr<pipeline::Detector> detector)
      : analyzer_(*events_, *alerts_, std::move(detector), metrics_.analysis(), health_),
        ingest_(*stored_, store_, metrics_.notification(), health_) {}

  /// Publishes the events and returns once everything that they caused is stored.
  Status Process(const std::vector<broker::Message>& events) {
    const pipeline::Worker analysis([this](const std::stop_token& stop) { analyzer_.Run(stop); });
    const pipeline::Worker ingest([this](const std::stop_token& stop) { ingest_.Run(stop); });
    const auto source = broker_.NewPublisher("audit_events");
    if (Status status = source->Publish(events, std::chrono::seconds(10)); !status.ok()) {
      return status;
    }
    return broker_.Shutdown(std::chrono::seconds(30));
  }

  store::AlertStore& store() { return store_; }
  observe::Ledger& ledger() { return metrics_.analysis().events; }

 private:
  broker::InProcessBroker broker_;
  std::unique_ptr<broker::Consumer> events_ = broker_.NewConsumer("audit_events");
  std::unique_ptr<broker::Publisher> alerts_ = broker_.NewPublisher("audit_alerts");
  std::unique_ptr<broker::Consumer> stored_ = broker_.NewConsumer("audit_alerts");
  store::InMemoryAlertStore store_;
  observe::Metrics registry_;
  observe::PipelineMetrics metrics_{registry_};
  observe::HealthRegistry health_;
  pipeline::Analyzer analyzer_;
  pipeline::AlertIngest ingest_;
};

int Fail(const Status& status) {
  std::fprintf(stderr, "%s\n", status.ToString().c_str());
  return 1;
}

}  // namespace

int main() {
  Result<std::vector<broker::Message>> events = MakeEvents();
  if (!events) return Fail(events.error());

  const auto rules = pipeline::LoadRulePackage({AUDITFLOW_RULES_DIR});
  auto detector = pipeline::Detector::Create(rules);
  if (!detector) return Fail(detector.error());

  Platform platform(std::move(*detector));
  if (Status status = platform.Process(*events); !status.ok()) return Fail(status);

  const auto newest = platform.store().List({.limit = 5});
  const auto count = platform.store().Count({});
  if (!newest || !count) return 1;
  std::printf("%d events, %zu rules, %llu alerts; the newest:\n", kEvents, rules->rule_count(),
              static_cast<unsigned long long>(*count));
  for (const store::StoredAlert& stored : *newest) {
    std::printf("  %s  %-8s %s\n", stored.alert.timestamp.ToString().c_str(),
                stored.alert.severity.c_str(), stored.alert.description.c_str());
  }
  // Every event has come to one of the four ends of the ledger.
  return *count > 0 && platform.ledger().Settled() == kEvents ? 0 : 1;
}
