#include "cli/up_platform.hpp"

#include <algorithm>
#include <system_error>
#include <utility>

#include "auditflow/api/alerts.hpp"
#include "auditflow/api/operations.hpp"

namespace auditflow::cli {
namespace {

constexpr const char* kEventQueue = "audit_events";
constexpr const char* kAlertQueue = "audit_alerts";
constexpr double kGeneratorRate = 10;
constexpr Duration kPoll = std::chrono::milliseconds(5);
constexpr Duration kGrace = std::chrono::seconds(1);
// Small enough to be worked off within the time that a stop may take.
constexpr std::size_t kQueuedMessages = 20'000;
constexpr std::size_t kFeedBatch = 256;

std::uint64_t Number(const observe::Counter& counter) {
  return static_cast<std::uint64_t>(counter.Value());
}

std::uint64_t Rest(const observe::Ledger& ledger) {
  return static_cast<std::uint64_t>(ledger.Settled()) - Number(ledger.processed) -
         Number(ledger.duplicate);
}

}  // namespace

Platform::Platform(const UpOptions& options, std::function<void(const alert::Alert&)> on_alert)
    : options_(options),
      rate_(options.rate.value_or(options.input.empty() ? kGeneratorRate : 0)),
      on_alert_(std::move(on_alert)),
      broker_({.max_messages = kQueuedMessages}, clock_),
      events_out_(broker_.NewPublisher(kEventQueue)),
      events_in_(broker_.NewConsumer(kEventQueue)),
      alerts_out_(broker_.NewPublisher(kAlertQueue)),
      alerts_in_(broker_.NewConsumer(kAlertQueue)) {}

Platform::~Platform() {
  if (feed_worker_) (void)Stop(Duration::zero());
}

Result<std::unique_ptr<Platform>> Platform::Create(
    const UpOptions& options, const pipeline::RuleReloaderOptions& watch,
    const pipeline::WatchedRules& rules, std::function<void(const alert::Alert&)> on_alert) {
  std::unique_ptr<Platform> platform(new Platform(options, std::move(on_alert)));
  if (Status status = platform->OpenStore(); !status.ok()) return Error(status);
  if (Status status = platform->OpenSource(); !status.ok()) return Error(status);
  if (Status status = platform->BuildAnalysis(watch, rules); !status.ok()) return Error(status);
  if (Status status = platform->Listen(); !status.ok()) return Error(status);
  return platform;
}

Status Platform::OpenStore() {
  std::error_code error;
  std::filesystem::create_directories(options_.data_dir, error);
  const std::string name = "--data-dir " + options_.data_dir.string();
  if (error) return FailedPrecondition(name + ": " + error.message());
  auto store = store::SqliteAlertStore::Create({.path = options_.data_dir / "alerts.db"}, clock_);
  if (!store) return store.error().WithContext(name);
  store_ = std::move(*store);
  dead_letters_ = std::make_unique<DeadLetterFile>(
      options_.data_dir / "dead-letters.jsonl", broker_,
      std::vector<std::string>{kEventQueue, kAlertQueue}, health_, clock_);
  return {};
}

Status Platform::OpenSource() {
  Result<std::unique_ptr<EventSource>> source =
      options_.input.empty() ? NewGeneratorSource(options_, rate_)
                             : NewInputSource(options_.input, metrics_.analysis().events);
  if (!source) return source.error();
  source_ = std::move(*source);
  return {};
}

Status Platform::BuildAnalysis(const pipeline::RuleReloaderOptions& watch,
                               const pipeline::WatchedRules& rules) {
  pipeline::DetectorOptions options;
  options.environment = options_.environment;
  options.allowed_lateness = options_.lateness;
  Result<std::unique_ptr<pipeline::Detector>> detector =
      pipeline::Detector::Create(rules.package, options, clock_);
  if (!detector) return detector.error();
  analyzer_ = std::make_unique<pipeline::Analyzer>(*events_in_, *alerts_out_, std::move(*detector),
                                                   metrics_.analysis(), health_,
                                                   pipeline::AnalyzerOptions{}, clock_);
  reloader_ = std::make_unique<pipeline::RuleReloader>(
      watch, rules,
      [this](std::shared_ptr<const pipeline::RulePackage> changed) {
        analyzer_->UseRules(std::move(changed));
      },
      metrics_.analysis(), health_, clock_);
  pipeline::AlertIngestOptions ingest;
  ingest.on_stored = on_alert_;
  ingest_ = std::make_unique<pipeline::AlertIngest>(*alerts_in_, *store_, metrics_.notification(),
                                                    health_, ingest, clock_);
  return {};
}

Status Platform::Listen() {
  auto router = std::make_shared<http::Router>();
  api::AddAlertRoutes(*router, *store_);
  api::AddAlertPages(*router, *store_, {}, clock_);
  api::AddHealthRoute(
      *router, health_,
      {.service = "auditflow", .probes = {{"database", [this] { return store_->Ping(); }}}});
  api::AddMetricsRoute(*router, registry_);
  http::ServerOptions options;
  options.address = options_.host;
  options.port = options_.port;
  Result<std::unique_ptr<http::HttpServer>> server = http::HttpServer::Start(options, router);
  if (!server) {
    return Status(server.error().code(), server.error().message() +
                                             "; choose another place with --host and --port "
                                             "(API_HOST, API_PORT), port 0 for any that is free");
  }
  server_ = std::move(*server);
  return {};
}

pipeline::EventFeedOptions Platform::FeedOptions() const {
  pipeline::EventFeedOptions options;
  options.rate = rate_ > 0 ? rate_ : pipeline::kUnlimitedRate;
  options.max_batch = kFeedBatch;
  options.duration = options_.duration;
  options.count = options_.count;
  options.publish_timeout = std::chrono::seconds(1);  // a stop must not wait for longer
  // An event of a pipe must not wait for the ones after it.
  if (source_->live()) options.max_batch = 1;
  return options;
}

void Platform::Start() {
  started_ = clock_.Monotonic();
  metrics_.generator().rabbitmq_connection_status.Set(1);  // the queues of this process
  dead_letter_worker_.emplace([this](const std::stop_token& stop) { dead_letters_->Run(stop); });
  ingest_worker_.emplace([this](const std::stop_token& stop) { ingest_->Run(stop); });
  analyzer_worker_.emplace([this](const std::stop_token& stop) { analyzer_->Run(stop); });
  reload_worker_.emplace([this](const std::stop_token& stop) { reloader_->Run(stop); });
  feed_worker_.emplace([this](const std::stop_token& stop) {
    feed_ = std::make_unique<pipeline::EventFeed>([this, stop] { return source_->Next(stop); },
                                                  *events_out_, metrics_.generator(), FeedOptions(),
                                                  clock_);
    feed_status_ = feed_->Run(stop);
  });
}

bool Platform::FeedEnded() { return feed_worker_->WaitFor(Duration::zero()); }

Status Platform::WaitUntilEmpty(const std::string& queue, Duration end) const {
  for (;;) {
    const broker::InProcessBroker::QueueStatistics statistics = broker_.Statistics(queue);
    const std::size_t left = statistics.ready + statistics.unsettled;
    if (left == 0) return {};
    if (clock_.Monotonic() >= end) {
      return DeadlineExceeded(std::to_string(left) + " messages were left in " + queue);
    }
    clock_.SleepFor(kPoll, {});
  }
}

Status Platform::Drain(Duration end) {
  Status events = WaitUntilEmpty(kEventQueue, end);
  analyzer_worker_->RequestStop();
  analyzer_worker_->WaitFor(std::max(end - clock_.Monotonic(), kGrace));
  Status alerts = WaitUntilEmpty(kAlertQueue, end);
  ingest_worker_->RequestStop();
  ingest_worker_->WaitFor(std::max(end - clock_.Monotonic(), kGrace));
  return events.ok() ? alerts : events;
}

Status Platform::Stop(Duration deadline) {
  const Duration end = clock_.Monotonic() + deadline;
  health_.Drain();
  reload_worker_->RequestStop();
  feed_worker_->RequestStop();
  // A feed that waits for room in a full queue gets it from the draining below, if at all.
  feed_worker_->WaitFor(std::max(deadline / 2, kGrace));
  Status drained = WithReasons(Drain(end));
  finished_ = clock_.Monotonic();
  dead_letter_worker_->RequestStop();
  dead_letter_worker_->WaitFor(kGrace);
  // Whoever still waits for room or for a message is not going to get it.
  (void)broker_.Shutdown(Duration::zero());
  (void)server_->Shutdown(kGrace);
  feed_worker_.reset();
  reload_worker_.reset();
  analyzer_worker_.reset();
  ingest_worker_.reset();
  dead_letter_worker_.reset();
  if (!drained.ok()) return drained;
  if (feed_status_.code() != StatusCode::kCancelled && !feed_status_.ok()) return feed_status_;
  if (const std::size_t unwritten = dead_letters_->unwritten(); unwritten > 0) {
    return WithReasons(Unavailable(std::to_string(unwritten) + " dead letters are lost"));
  }
  return source_->status();
}

/// A failure together with what does not work.
Status Platform::WithReasons(const Status& status) const {
  if (status.ok()) return status;
  std::string message = status.message();
  for (const observe::ComponentHealth& component : health_.Snapshot()) {
    if (!component.up) message += "; " + component.name + ": " + component.reason;
  }
  return {status.code(), std::move(message)};
}

UpSummary Platform::Summary() {
  const observe::Ledger& events = metrics_.analysis().events;
  const observe::Ledger& alerts = metrics_.notification().alerts;
  UpSummary summary;
  summary.received = Number(events.received);
  summary.processed = Number(events.processed);
  summary.duplicates = Number(events.duplicate);
  summary.rejected = source_->rejected();
  summary.dead_letters = Rest(events) - summary.rejected;
  summary.alerts_stored = Number(alerts.processed);
  summary.alert_duplicates = Number(alerts.duplicate);
  summary.alert_dead_letters = Rest(alerts);
  for (const char* queue : {kEventQueue, kAlertQueue}) {
    const broker::InProcessBroker::QueueStatistics statistics = broker_.Statistics(queue);
    summary.unfinished += statistics.ready + statistics.unsettled;
  }
  summary.elapsed = finished_ - started_;
  return summary;
}

}  // namespace auditflow::cli
