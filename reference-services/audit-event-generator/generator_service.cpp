#include "audit-event-generator/generator_service.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include "auditflow/api/generator.hpp"
#include "auditflow/core/random.hpp"
#include "auditflow/observe/logging.hpp"

namespace auditflow::services {
namespace {

constexpr const char* kBroker = "rabbitmq";
constexpr Duration kWatchInterval = std::chrono::milliseconds(250);
// A broker that was away is not flooded with what would have been made meanwhile.
constexpr Duration kBacklog = std::chrono::seconds(1);
// Events on request are drawn from a sequence of their own.
constexpr std::uint64_t kRequestSequence = 0x5265717565737473;

}  // namespace

void GeneratorService::AddSettings(config::SettingTable& table) {
  AddGeneratorSettings(table, settings_);
}

Status GeneratorService::Build(service::Host& host) {
  host_ = &host;
  // Two batches are on their way, and an event on request has to find room beside them.
  rabbitmq::PublisherOptions& publisher = settings_.publisher;
  publisher.max_outstanding = std::max(publisher.max_outstanding, 3 * settings_.batch);
  if (Status status = rabbitmq::Validate(settings_.publisher); !status.ok()) return status;
  metrics_ = std::make_unique<observe::PipelineMetrics>(host.metrics());
  link_ = std::make_unique<BrokerLink>(settings_.publisher, host.clock());
  if (Status status = MakeGenerator(); !status.ok()) return status;
  MakeFeed();
  host.health().Register(kBroker);
  host.SetHealthMembers([&host] {
    return api::HealthMembers{{"rabbitmq_connected", host.health().IsUp(kBroker)}};
  });
  AddRoutes();
  AddRateMetrics();
  return {};
}

Status GeneratorService::MakeGenerator() {
  const Result<generate::TrafficMix> mix = generate::FindTrafficMix(settings_.mix);
  if (!mix) return mix.error().WithContext("GENERATOR_MIX");
  generate::EventGeneratorOptions options;
  // One that is easy to say again.
  options.Use(*mix).seed = settings_.seed.value_or(SystemRandom()->Next() >> 32U);
  Result<generate::EventGenerator> generator = generate::EventGenerator::Create(options);
  if (!generator) return generator.error();
  generator_.emplace(*std::move(generator));
  generate::EventCompleterOptions completer;
  if (settings_.seed) completer.seed = *settings_.seed ^ kRequestSequence;
  completer_ = std::make_unique<generate::EventCompleter>(completer, host_->clock());
  observe::log::Info("generator", "events will be made",
                     {{"mix", settings_.mix}, {"seed", std::to_string(options.seed)}});
  return {};
}

void GeneratorService::MakeFeed() {
  source_ = std::make_unique<EventSource>(*generator_, metrics_->generator(), host_->clock(),
                                          settings_.start_time, settings_.time_step);
  pipeline::EventFeedOptions options;
  options.rate = settings_.StartRate();
  options.count = settings_.count;
  options.max_batch = settings_.batch;
  options.max_backlog = kBacklog;
  options.persistent = true;
  feed_ = std::make_unique<pipeline::EventFeed>([this] { return source_->Next(); }, *link_,
                                                metrics_->generator(), options, host_->clock());
}

void GeneratorService::AddRoutes() {
  http::Router& router = host_->router();
  api::EventRequestOptions requests;
  requests.confirm_timeout = settings_.confirm_timeout;
  requests.threads = host_->options().http_threads;
  requests.ready = [this] { return link_->Ready(); };
  api::AddEventRequestRoute(router, *completer_, *link_, metrics_->generator(), requests);
  api::AddRateRoutes(router, *feed_);
  api::AddMixRoutes(router, *generator_, settings_.mix);
}

void GeneratorService::AddRateMetrics() {
  observe::Metrics& metrics = host_->metrics();
  rate_metrics_.push_back(
      metrics.AddGauge("auditflow_generator_target_rate", "Events per second that are wanted.",
                       [this] { return std::min(feed_->rate(), api::kMaxRate); }));
  rate_metrics_.push_back(metrics.AddGauge(
      "auditflow_generator_measured_rate",
      "Events per second that the broker confirmed in the last ten seconds; not those on request.",
      [this] { return feed_->MeasuredRate(); }));
}

void GeneratorService::Start() {
  if (const Status status = link_->Open(host_->metrics()); !status.ok()) {
    return host_->Fail(status);
  }
  watch_worker_.emplace([this](const std::stop_token& stop) {
    do {
      ShowConnection();
    } while (host_->clock().SleepFor(kWatchInterval, stop));
  });
  feed_worker_.emplace([this](const std::stop_token& stop) { Feed(stop); });
}

void GeneratorService::Feed(const std::stop_token& stop) {
  const Status status = feed_->Run(stop);
  if (stop.stop_requested()) return;
  if (!status.ok()) return host_->Fail(status);
  observe::log::Info("generator", "all events are made",
                     {{"published", std::to_string(feed_->published())}});
}

void GeneratorService::ShowConnection() {
  const rabbitmq::ConnectionHealth health = link_->Health();
  metrics_->generator().rabbitmq_connection_status.Set(health.up() ? 1 : 0);
  losses_.Look(kBroker, health);
  ShowHealth(host_->health(), kBroker, health);
}

Status GeneratorService::Stop(Duration deadline) {
  Clock& clock = host_->clock();
  const Duration end = clock.Monotonic() + deadline;
  if (feed_worker_) {
    feed_worker_->RequestStop();
    // The batch in hand; a broker that is away would not take it in time.
    if (link_->Ready().ok()) feed_worker_->WaitFor(deadline / 2);
  }
  Status status = link_->Close(std::max(end - clock.Monotonic(), Duration::zero()));
  feed_worker_.reset();
  watch_worker_.reset();
  return status;
}

}  // namespace auditflow::services
