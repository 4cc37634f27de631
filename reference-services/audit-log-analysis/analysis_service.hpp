#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>

#include "auditflow/observe/pipeline_metrics.hpp"
#include "auditflow/pipeline/analyzer.hpp"
#include "auditflow/pipeline/rule_activity.hpp"
#include "auditflow/pipeline/rule_reloader.hpp"
#include "auditflow/pipeline/worker.hpp"
#include "auditflow/rabbitmq/rabbitmq_consumer.hpp"
#include "auditflow/rabbitmq/rabbitmq_publisher.hpp"
#include "auditflow/redis/redis_windows.hpp"
#include "auditflow/service/application.hpp"

#include "audit-log-analysis/archive.hpp"
#include "audit-log-analysis/settings.hpp"
#include "common/rabbitmq_metrics.hpp"
#include "common/rabbitmq_settings.hpp"
#include "common/redis_metrics.hpp"

namespace auditflow::services {

/// RabbitMQ → rules → RabbitMQ, with windows in Redis and events in an archive, and HTTP over the
/// rules and the archive.
class AnalysisService final : public service::Application {
 public:
  void AddSettings(config::SettingTable& table) override;
  Status Build(service::Host& host) override;
  void Start() override;
  void Reload() override;
  Status Stop(Duration deadline) override;

 private:
  Status LoadRules();
  Status OpenState();
  Status MakeDetector();
  Status OpenQueues();
  void AddRoutes();
  void UseRules(std::shared_ptr<const pipeline::RulePackage> rules);
  [[nodiscard]] std::shared_ptr<const pipeline::RulePackage> rules() const;
  [[nodiscard]] pipeline::AnalyzerOptions AnalyzerSettings() const;
  [[nodiscard]] api::HealthMembers HealthMembers();

  /// Keeps what is known of the connections true until it is stopped.
  void Watch(const std::stop_token& stop);
  /// By itself, for a Redis that hangs makes each question wait, and what is known of the others
  /// is not to wait for it.
  void KeepAskingRedis(const std::stop_token& stop);
  void ShowConnections();

  AnalysisSettings settings_;
  service::Host* host_ = nullptr;
  std::unique_ptr<observe::PipelineMetrics> metrics_;
  pipeline::RuleReloaderOptions watch_;
  pipeline::WatchedRules loaded_;
  mutable std::mutex rules_mutex_;
  std::shared_ptr<const pipeline::RulePackage> rules_;  ///< in use
  std::shared_ptr<redis::RedisWindows> windows_;        ///< null: in memory
  std::unique_ptr<Archive> archive_;                    ///< null: off
  std::unique_ptr<pipeline::Detector> detector_;        ///< until the analyzer has it
  std::shared_ptr<const pipeline::RuleActivity> activity_;
  std::optional<RedisMetrics> redis_metrics_;
  std::unique_ptr<rabbitmq::RabbitMqConsumer> consumer_;
  std::unique_ptr<rabbitmq::RabbitMqPublisher> publisher_;
  LossWatch consumer_losses_;  ///< belongs to the watching thread, as does the next
  LossWatch publisher_losses_;
  std::optional<ConsumerMetrics> consumer_metrics_;
  std::optional<PublisherMetrics> publisher_metrics_;
  std::unique_ptr<pipeline::Analyzer> analyzer_;
  std::atomic<bool> consuming_{false};
  std::unique_ptr<pipeline::RuleReloader> reloader_;
  // Last, so that they end before what they use.
  std::optional<pipeline::Worker> analyzer_worker_;
  std::optional<pipeline::Worker> reload_worker_;
  std::optional<pipeline::Worker> retention_worker_;
  std::optional<pipeline::Worker> watch_worker_;
  std::optional<pipeline::Worker> redis_worker_;
};

}  // namespace auditflow::services
