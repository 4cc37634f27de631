#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "auditflow/api/pages.hpp"
#include "auditflow/api/remote_alerts.hpp"
#include "auditflow/core/secret.hpp"
#include "auditflow/pipeline/worker.hpp"
#include "auditflow/service/application.hpp"

namespace auditflow::dashboard {

/// What `service::Main` has to know of the program. `open_api` is its own document.
service::ProgramInfo Info(std::string_view open_api);

struct Settings {
  std::string host = "localhost";  ///< of the notification service
  std::uint16_t port = 8000;
  Secret token;
  Duration timeout = std::chrono::seconds(5);
  std::uint32_t max_answer_bytes = std::uint32_t{8} << 20U;
  Duration probe_interval = std::chrono::seconds(5);
  std::string title = "AuditFlow";
  std::uint32_t alerts_per_page = 50;
  Duration refresh = std::chrono::seconds(5);
};

/// Shows the alerts of a notification service as pages.
///
/// A thread asks the service now and then, so that health and pages say since when it is away also
/// where nobody looks at them. While it is away this service stays healthy and ready: it has a page
/// to show that says so.
class Dashboard final : public service::Application {
 public:
  void AddSettings(config::SettingTable& table) override;
  Status Build(service::Host& host) override;
  void Start() override;
  Status Stop(Duration deadline) override;

 private:
  Settings settings_;
  service::Host* host_ = nullptr;
  std::unique_ptr<api::RemoteAlertReader> alerts_;
  std::unique_ptr<pipeline::Worker> probe_;
};

}  // namespace auditflow::dashboard
