#include "notification-service/notification_service.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "auditflow/api/alerts.hpp"
#include "auditflow/api/notifications.hpp"
#include "auditflow/store/in_memory_alert_store.hpp"
#include "auditflow/store/sqlite_alert_store.hpp"
#include "auditflow/store/sqlite_file.hpp"

#include "common/postgres_settings.hpp"
#include "common/rabbitmq_settings.hpp"

namespace auditflow::services {
namespace {

constexpr Duration kWatchInterval = std::chrono::milliseconds(250);
// For a call into the store that does not know of the end.
constexpr Duration kGrace = std::chrono::seconds(1);

}  // namespace

void NotificationService::AddSettings(config::SettingTable& table) {
  AddNotificationSettings(table, settings_);
}

Status NotificationService::Build(service::Host& host) {
  host_ = &host;
  metrics_ = std::make_unique<observe::PipelineMetrics>(host.metrics());
  if (Status status = OpenStore(host); !status.ok()) return status;
  if (Status status = MakeDispatcher(host); !status.ok()) return status;
  if (Status status = Validate(settings_.consumer); !status.ok()) return status;
  host.health().Register("rabbitmq");
  if (postgres_ != nullptr) host.health().Register("postgres");
  AddRoutes(host);
  return {};
}

Status NotificationService::OpenStore(service::Host& host) {
  if (settings_.store == StoreKind::kSqlite && host.options().only_checked) {
    auto stand_in = std::make_unique<store::InMemoryAlertStore>(
        store::InMemoryAlertStoreOptions{.outbox_targets = OutboxTargets(settings_.notify)},
        host.clock());
    outbox_ = &stand_in->outbox();
    store_ = std::move(stand_in);
    const Status status = store::CheckSqlitePath(settings_.sqlite.path);
    return status.ok() ? status : status.WithContext("ALERT_STORE_PATH");
  }
  if (settings_.store == StoreKind::kSqlite) {
    settings_.sqlite.outbox_targets = OutboxTargets(settings_.notify);
    auto opened = store::SqliteAlertStore::Create(settings_.sqlite, host.clock());
    if (!opened) return opened.error().WithContext("ALERT_STORE_PATH");
    outbox_ = &(*opened)->outbox();
    store_ = *std::move(opened);
    return {};
  }
  settings_.postgres.connect_at_once = false;
  auto made = postgres::PostgresAlertStore::Create(settings_.postgres,
                                                   OutboxTargets(settings_.notify), host.clock());
  if (!made) return made.error();
  outbox_ = &(*made)->outbox();
  postgres_ = made->get();
  store_ = *std::move(made);
  pool_metrics_.emplace(host.metrics(), [store = postgres_] { return store->Pool(); });
  return {};
}

Status NotificationService::MakeDispatcher(service::Host& host) {
  auto channels = MakeChannels(settings_.notify, host.clock());
  if (!channels) return channels.error();
  dispatcher_ = std::make_unique<pipeline::NotificationDispatcher>(
      *outbox_, *std::move(channels), host.metrics(), host.health(), settings_.notify.dispatcher,
      host.clock());
  settings_.ingest.on_stored = [this](const alert::Alert&) { dispatcher_->Wake(); };
  return {};
}

Status NotificationService::OpenQueue() {
  auto made = rabbitmq::RabbitMqConsumer::Create(settings_.consumer, host_->clock());
  if (!made) return made.error();
  consumer_ = *std::move(made);
  consumer_metrics_.emplace(host_->metrics(), *consumer_);
  for (std::size_t i = 0; i < settings_.ingest_workers; ++i) {
    ingests_.emplace_back(*consumer_, *store_, metrics_->notification(), host_->health(),
                          settings_.ingest, host_->clock());
  }
  return {};
}

void NotificationService::AddRoutes(service::Host& host) {
  host.SetHealthService("notification-service-api");
  api::AddAlertRoutes(host.router(), *store_);
  api::AlertWriteOptions writing;
  writing.metrics = &metrics_->notification();
  writing.on_stored = settings_.ingest.on_stored;
  api::AddAlertWriteRoutes(host.router(), *store_, writing);
  api::NotificationRouteOptions leaving;
  leaving.channels = [this] { return dispatcher_->Channels(); };
  leaving.on_replay = [this] { dispatcher_->Wake(); };
  api::AddNotificationRoutes(host.router(), *outbox_, std::move(leaving));
}

void NotificationService::Start() {
  if (postgres_ != nullptr) postgres_->Connect();
  if (const Status status = OpenQueue(); !status.ok()) return host_->Fail(status);
  watch_worker_.emplace([this](const std::stop_token& stop) { Watch(stop); });
  dispatcher_->Start();
  for (pipeline::AlertIngest& ingest : ingests_) {
    ingest_workers_.emplace_back([&ingest](const std::stop_token& stop) { ingest.Run(stop); });
  }
}

void NotificationService::Watch(const std::stop_token& stop) {
  do {
    ShowConnections();
  } while (host_->clock().SleepFor(kWatchInterval, stop));
}

void NotificationService::ShowConnections() {
  observe::NotificationMetrics& metrics = metrics_->notification();
  const rabbitmq::ConnectionHealth consumer = consumer_->Health();
  losses_.Look("rabbitmq", consumer);
  const bool broker = ShowHealth(host_->health(), "rabbitmq", consumer);
  metrics.rabbitmq_connection_status.Set(broker ? 1 : 0);
  if (postgres_ == nullptr) return;
  const bool database = ShowHealth(host_->health(), "postgres", postgres_->Health());
  metrics.postgresql_connection_status.Set(database ? 1 : 0);
}

Status NotificationService::Stop(Duration deadline) {
  const Duration end = host_->clock().Monotonic() + deadline;
  Status status;
  if (ingest_workers_.empty()) return status;
  for (pipeline::Worker& worker : ingest_workers_) worker.RequestStop();
  for (pipeline::Worker& worker : ingest_workers_) {
    const Duration left = end - kGrace - host_->clock().Monotonic();
    if (worker.WaitFor(std::max(left, kGrace))) continue;
    status = DeadlineExceeded("a batch in hand was not stored in time; it stays in the queue");
  }
  consumer_->Shutdown();  // what is not acknowledged goes back to the queue
  ingest_workers_.clear();
  const Duration left = end - host_->clock().Monotonic();
  // An attempt that is cut short is made again by whoever comes next: that is nothing left over.
  (void)dispatcher_->Stop(std::max(left - kGrace, Duration::zero()));
  watch_worker_.reset();
  return status;
}

}  // namespace auditflow::services
