#pragma once

#include <deque>
#include <memory>
#include <optional>

#include "auditflow/observe/pipeline_metrics.hpp"
#include "auditflow/pipeline/alert_ingest.hpp"
#include "auditflow/pipeline/notification_dispatcher.hpp"
#include "auditflow/pipeline/worker.hpp"
#include "auditflow/postgres/postgres_alert_store.hpp"
#include "auditflow/rabbitmq/rabbitmq_consumer.hpp"
#include "auditflow/service/application.hpp"
#include "auditflow/store/alert_store.hpp"
#include "auditflow/store/outbox.hpp"

#include "common/postgres_metrics.hpp"
#include "common/rabbitmq_metrics.hpp"
#include "common/rabbitmq_settings.hpp"
#include "notification-service/settings.hpp"

namespace auditflow::services {

/// RabbitMQ → store → channels, and HTTP over the store.
class NotificationService final : public service::Application {
 public:
  void AddSettings(config::SettingTable& table) override;
  Status Build(service::Host& host) override;
  void Start() override;
  Status Stop(Duration deadline) override;

 private:
  Status OpenStore(service::Host& host);
  Status OpenQueue();
  Status MakeDispatcher(service::Host& host);
  void AddRoutes(service::Host& host);
  /// Keeps what is known of the connections true until it is stopped.
  void Watch(const std::stop_token& stop);
  void ShowConnections();

  NotificationSettings settings_;
  service::Host* host_ = nullptr;
  std::unique_ptr<observe::PipelineMetrics> metrics_;
  std::unique_ptr<store::AlertStore> store_;
  postgres::PostgresAlertStore* postgres_ = nullptr;  ///< `store_`, if it is one
  store::Outbox* outbox_ = nullptr;                   ///< of `store_`
  std::unique_ptr<pipeline::NotificationDispatcher> dispatcher_;
  std::unique_ptr<rabbitmq::RabbitMqConsumer> consumer_;
  LossWatch losses_;  ///< belongs to the watching thread
  std::deque<pipeline::AlertIngest> ingests_;
  std::optional<PoolMetrics> pool_metrics_;
  std::optional<ConsumerMetrics> consumer_metrics_;
  // Last, so that they end before what they use.
  std::deque<pipeline::Worker> ingest_workers_;  ///< one for each of `ingests_`
  std::optional<pipeline::Worker> watch_worker_;
};

}  // namespace auditflow::services
