#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

#include "auditflow/generate/event_completer.hpp"
#include "auditflow/generate/event_generator.hpp"
#include "auditflow/observe/metrics.hpp"
#include "auditflow/observe/pipeline_metrics.hpp"
#include "auditflow/pipeline/event_feed.hpp"
#include "auditflow/pipeline/worker.hpp"
#include "auditflow/service/application.hpp"

#include "audit-event-generator/broker_link.hpp"
#include "audit-event-generator/event_source.hpp"
#include "audit-event-generator/settings.hpp"
#include "common/rabbitmq_settings.hpp"

namespace auditflow::services {

/// Generator → feed → broker, and the routes that steer them and take events on request.
class GeneratorService final : public service::Application {
 public:
  void AddSettings(config::SettingTable& table) override;
  Status Build(service::Host& host) override;
  void Start() override;
  Status Stop(Duration deadline) override;

 private:
  Status MakeGenerator();
  void MakeFeed();
  void AddRoutes();
  void AddRateMetrics();
  void Feed(const std::stop_token& stop);
  void ShowConnection();

  GeneratorSettings settings_;
  service::Host* host_ = nullptr;
  std::unique_ptr<observe::PipelineMetrics> metrics_;
  std::optional<generate::EventGenerator> generator_;
  std::unique_ptr<generate::EventCompleter> completer_;
  std::unique_ptr<BrokerLink> link_;
  LossWatch losses_;  ///< belongs to the watching thread
  std::unique_ptr<EventSource> source_;
  std::unique_ptr<pipeline::EventFeed> feed_;
  std::vector<observe::MetricCallback> rate_metrics_;
  // Last, so that they end before what they use.
  std::optional<pipeline::Worker> watch_worker_;
  std::optional<pipeline::Worker> feed_worker_;
};

}  // namespace auditflow::services
