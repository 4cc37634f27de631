#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "auditflow/api/operations.hpp"
#include "auditflow/core/clock.hpp"
#include "auditflow/core/status.hpp"
#include "auditflow/http/router.hpp"
#include "auditflow/http/server.hpp"
#include "auditflow/observe/health.hpp"
#include "auditflow/observe/logging.hpp"
#include "auditflow/observe/metrics.hpp"

namespace auditflow::service {

/// What every service is told.
struct HostOptions {
  std::string service_name;
  std::string environment = "development";
  std::string address = "0.0.0.0";
  std::uint16_t port = 0;          ///< 0: a free one, which the log names
  std::uint16_t metrics_port = 0;  ///< 0: no second port
  std::size_t http_threads = 4;
  http::ServerLimits limits;
  std::filesystem::path tokens_file;  ///< see `api::AccessControl`; empty: everything is open
  observe::log::Level log_level = observe::log::Level::kInfo;
  observe::log::Format log_format = observe::log::Format::kJson;
  /// How long work in flight may take at the end.
  Duration shutdown_deadline = std::chrono::seconds(8);
  /// `Build` is all that will be called: it makes and changes no file either.
  bool only_checked = false;
};

/// What a service has from the program around it.
///
/// Thread safety: `Fail` is thread-safe; the others are for `Application::Build`, what they return
/// is as safe as its type says. `Main` lets it live until the application is destroyed.
class Host {
 public:
  explicit Host(HostOptions options, Clock& clock = SystemClock());
  ~Host();
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  [[nodiscard]] const HostOptions& options() const { return options_; }
  [[nodiscard]] Clock& clock() { return clock_; }
  [[nodiscard]] observe::Metrics& metrics() { return metrics_; }
  [[nodiscard]] observe::HealthRegistry& health() { return health_; }
  [[nodiscard]] http::Router& router() { return *router_; }
  [[nodiscard]] std::shared_ptr<http::Router> shared_router() { return router_; }

  /// Run by every `GET /healthz`; see `api::HealthOptions`.
  void AddProbe(api::HealthProbe probe) { health_options_.probes.push_back(std::move(probe)); }
  /// The member `service` of `GET /healthz`; SERVICE_NAME unless it is set.
  void SetHealthService(std::string service) { health_options_.service = std::move(service); }
  /// The contract's members of `GET /healthz`: `rabbitmq_connected` and their like.
  void SetHealthMembers(std::function<api::HealthMembers()> members) {
    health_options_.members = std::move(members);
  }
  [[nodiscard]] const api::HealthOptions& health_options() const { return health_options_; }

  /// The service cannot go on: it is stopped in good order and exits with 1. For defects only, not
  /// for dependencies that are away.
  void Fail(const Status& why);
  /// Called by `Fail`, and at once if it was called before.
  void OnFailure(const std::function<void(const Status&)>& action);

 private:
  const HostOptions options_;
  Clock& clock_;
  observe::Metrics metrics_;
  observe::HealthRegistry health_;
  std::shared_ptr<http::Router> router_;
  api::HealthOptions health_options_;
  std::mutex mutex_;
  Status failure_;
  std::function<void(const Status&)> on_failure_;
};

}  // namespace auditflow::service
