#include "audit-log-analysis/analysis_service.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "auditflow/api/events.hpp"
#include "auditflow/api/rules.hpp"
#include "auditflow/observe/logging.hpp"

#include "common/rabbitmq_settings.hpp"
#include "common/redis_settings.hpp"

namespace auditflow::services {
namespace {

constexpr Duration kWatchInterval = std::chrono::milliseconds(250);
// An idle connection to Redis is asked this often whether it is still there.
constexpr Duration kPingInterval = std::chrono::seconds(2);
// For a call that does not know of the end.
constexpr Duration kGrace = std::chrono::seconds(1);
// Beyond the lateness, for releases and the publishing of what they fire.
constexpr Duration kLinger = std::chrono::milliseconds(500);
// A broker that is away must not hold up a stop for longer.
constexpr Duration kPublishTimeout = std::chrono::seconds(2);

}  // namespace

void AnalysisService::AddSettings(config::SettingTable& table) {
  AddAnalysisSettings(table, settings_);
}

Status AnalysisService::Build(service::Host& host) {
  host_ = &host;
  metrics_ = std::make_unique<observe::PipelineMetrics>(host.metrics(), settings_.metrics);
  metrics_->analysis();  // shown from the start, with zeros
  if (Status status = Validate(settings_.consumer); !status.ok()) return status;
  if (Status status = LoadRules(); !status.ok()) return status;
  if (Status status = OpenState(); !status.ok()) return status;
  auto archive =
      Archive::Open(settings_, host.metrics(), host.clock(), host.options().only_checked);
  if (!archive) return archive.error();
  archive_ = *std::move(archive);
  if (Status status = MakeDetector(); !status.ok()) return status;
  host.health().Register("rabbitmq");
  if (windows_ != nullptr) host.health().Register("redis");
  if (settings_.archive == ArchiveKind::kPostgres) host.health().Register("postgres");
  AddRoutes();
  return {};
}

Status AnalysisService::LoadRules() {
  const std::filesystem::path folder = RulesFolder(settings_);
  if (folder.empty()) {
    return InvalidArgument("RULES_DIR: there are no rules beside the program; name a folder");
  }
  watch_.paths = {folder};
  watch_.interval = settings_.watch_interval;
  if (std::filesystem::path maps = LogsourceMaps(settings_); !maps.empty()) {
    watch_.package.taxonomies = {maps};
    if (settings_.routing) watch_.package.logsource_maps = {std::move(maps)};
  }
  loaded_ = pipeline::LoadWatchedRules(watch_);
  for (const sigma::Diagnostic& diagnostic : loaded_.package->diagnostics) {
    observe::log::Warning("rules", diagnostic.ToString());
  }
  if (loaded_.package->rule_count() == 0) {
    return InvalidArgument("RULES_DIR: no rule in " + folder.string() + " can be used");
  }
  UseRules(loaded_.package);
  return {};
}

Status AnalysisService::OpenState() {
  if (settings_.state == StateKind::kMemory) return {};
  auto windows = redis::RedisWindows::Create(settings_.redis, host_->clock());
  if (!windows) return windows.error();
  windows_ = *std::move(windows);
  redis_metrics_.emplace(host_->metrics(), [windows = windows_] { return windows->Health(); });
  return {};
}

Status AnalysisService::MakeDetector() {
  pipeline::DetectorOptions options;
  options.environment = host_->options().environment;
  options.allowed_lateness = settings_.lateness;
  options.correlation.repeat_of_alerts = settings_.repeat;
  if (windows_ != nullptr) {
    options.window_store =
        [windows = windows_, lateness = settings_.lateness,
         limits = options.correlation.limits](std::vector<correlate::WindowSpec> specs) {
          return windows->NewStore(std::move(specs), lateness, limits);
        };
  }
  auto detector = pipeline::Detector::Create(loaded_.package, options, host_->clock());
  if (!detector) return detector.error();
  detector_ = *std::move(detector);
  activity_ = detector_->activity();
  return {};
}

Status AnalysisService::OpenQueues() {
  rabbitmq::PublisherOptions publishing;
  publishing.connection = settings_.consumer.connection;
  publishing.connection.name += " alerts";
  publishing.queue = settings_.alert_queue;
  publishing.topology = settings_.consumer.topology;
  auto publisher = rabbitmq::RabbitMqPublisher::Create(std::move(publishing), host_->clock());
  if (!publisher) return publisher.error();
  publisher_ = *std::move(publisher);
  publisher_metrics_.emplace(host_->metrics(), *publisher_);
  auto consumer = rabbitmq::RabbitMqConsumer::Create(settings_.consumer, host_->clock());
  if (!consumer) return consumer.error();
  consumer_ = *std::move(consumer);
  consumer_metrics_.emplace(host_->metrics(), *consumer_);
  analyzer_ = std::make_unique<pipeline::Analyzer>(*consumer_, *publisher_, std::move(detector_),
                                                   metrics_->analysis(), host_->health(),
                                                   AnalyzerSettings(), host_->clock());
  return {};
}

pipeline::AnalyzerOptions AnalysisService::AnalyzerSettings() const {
  pipeline::AnalyzerOptions options = settings_.analyzer;
  options.publish_timeout = kPublishTimeout;
  options.finish_in_background = true;
  if (archive_ != nullptr) options.archive = &archive_->store();
  if (windows_ == nullptr) return options;
  options.flush_at_end = false;
  // Chains of correlations wait once more for each link.
  options.linger_at_end = settings_.lateness > Duration::zero()
                              ? std::min(2 * settings_.lateness + kLinger,
                                         host_->options().shutdown_deadline - 2 * kGrace - kLinger)
                              : Duration::zero();
  return options;
}

void AnalysisService::AddRoutes() {
  host_->SetHealthMembers([this] { return HealthMembers(); });
  api::AddRuleRoutes(host_->router(), {[this] { return rules(); },
                                       [activity = activity_] { return activity->Numbers(); }});
  if (archive_ != nullptr) {
    api::AddEventRoutes(host_->router(), archive_->store(), {}, host_->clock());
  } else {
    api::AddMissingEventRoutes(host_->router());
  }
}

api::HealthMembers AnalysisService::HealthMembers() {
  const observe::HealthRegistry& health = host_->health();
  return {{"rabbitmq_connected", health.IsUp("rabbitmq")},
          {"redis_connected", windows_ != nullptr && health.IsUp("redis")},
          {"consumer_thread_alive", consuming_.load()}};
}

void AnalysisService::UseRules(std::shared_ptr<const pipeline::RulePackage> rules) {
  if (analyzer_ != nullptr) analyzer_->UseRules(rules);
  const std::lock_guard lock(rules_mutex_);
  rules_ = std::move(rules);
}

std::shared_ptr<const pipeline::RulePackage> AnalysisService::rules() const {
  const std::lock_guard lock(rules_mutex_);
  return rules_;
}

void AnalysisService::Start() {
  if (archive_ != nullptr) archive_->Connect();
  if (const Status status = OpenQueues(); !status.ok()) return host_->Fail(status);
  reloader_ = std::make_unique<pipeline::RuleReloader>(
      watch_, std::move(loaded_),
      [this](std::shared_ptr<const pipeline::RulePackage> changed) {
        UseRules(std::move(changed));
      },
      metrics_->analysis(), host_->health(), host_->clock());
  watch_worker_.emplace([this](const std::stop_token& stop) { Watch(stop); });
  if (windows_ != nullptr) {
    redis_worker_.emplace([this](const std::stop_token& stop) { KeepAskingRedis(stop); });
  }
  reload_worker_.emplace([this](const std::stop_token& stop) { reloader_->Run(stop); });
  if (archive_ != nullptr) {
    retention_worker_.emplace([this](const std::stop_token& stop) { archive_->Retain(stop); });
  }
  consuming_ = true;
  analyzer_worker_.emplace([this](const std::stop_token& stop) {
    analyzer_->Run(stop);
    consuming_ = false;
  });
}

void AnalysisService::Reload() {
  if (reloader_ != nullptr) reloader_->RequestReload();
}

void AnalysisService::Watch(const std::stop_token& stop) {
  do {
    ShowConnections();
  } while (host_->clock().SleepFor(kWatchInterval, stop));
}

void AnalysisService::KeepAskingRedis(const std::stop_token& stop) {
  Duration next_ping = host_->clock().Monotonic();
  do {
    const Duration now = host_->clock().Monotonic();
    if (now < next_ping && windows_->Health().up) continue;
    static_cast<void>(windows_->Ping());  // its health says how it went
    next_ping = now + kPingInterval;
  } while (host_->clock().SleepFor(kWatchInterval, stop));
}

void AnalysisService::ShowConnections() {
  observe::AnalysisMetrics& metrics = metrics_->analysis();
  observe::HealthRegistry& health = host_->health();
  const rabbitmq::ConnectionHealth consumer = consumer_->Health();
  const rabbitmq::ConnectionHealth publisher = publisher_->Health();
  consumer_losses_.Look("rabbitmq", consumer);
  publisher_losses_.Look("rabbitmq", publisher);
  ShowHealth(health, "rabbitmq", consumer.up() && !publisher.up() ? publisher : consumer);
  metrics.rabbitmq_consumer_connection_status.Set(consumer.up() ? 1 : 0);
  if (windows_ != nullptr) {
    metrics.redis_connection_status.Set(ShowHealth(health, "redis", windows_->Health()) ? 1 : 0);
  }
  if (archive_ != nullptr) archive_->ShowConnection(health);
}

Status AnalysisService::Stop(Duration deadline) {
  Status status;
  if (!analyzer_worker_) return status;
  const Duration end = host_->clock().Monotonic() + deadline;
  reload_worker_->RequestStop();
  if (retention_worker_) retention_worker_->RequestStop();
  analyzer_worker_->RequestStop();
  if (!analyzer_worker_->WaitFor(std::max(deadline - 2 * kGrace, kGrace))) {
    status = DeadlineExceeded("the batch in hand was not finished in time; it stays in the queue");
  }
  consumer_->Shutdown();  // sends what is acknowledged; the rest goes back to the queue
  const Status published = publisher_->Shutdown(std::max(end - host_->clock().Monotonic(), kGrace));
  if (status.ok()) status = published;
  analyzer_worker_.reset();
  retention_worker_.reset();
  reload_worker_.reset();
  redis_worker_.reset();
  watch_worker_.reset();
  return status;
}

}  // namespace auditflow::services
