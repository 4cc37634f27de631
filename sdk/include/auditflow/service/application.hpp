#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "auditflow/config/settings.hpp"
#include "auditflow/core/status.hpp"
#include "auditflow/core/timestamp.hpp"
#include "auditflow/service/host.hpp"

namespace auditflow::service {

/// What a program implements to be a service; `Main` does the rest.
///
/// Called by one thread, in this order: `AddSettings`, `Build`, `Start`, any number of `Reload`,
/// `Stop`. Handlers that `Build` added to the router may run from the end of `Build` until after
/// `Stop`.
class Application {
 public:
  Application() = default;
  virtual ~Application() = default;
  Application(const Application&) = delete;
  Application& operator=(const Application&) = delete;

  /// Adds its settings, bound to its members.
  virtual void AddSettings(config::SettingTable& table) = 0;

  /// Makes its parts and routes from the settings. Touches no network and starts no thread that
  /// does: a service starts and answers while everything that it depends on is away.
  /// @return an error for a configuration that cannot work; it is printed, and the program exits
  /// with 2.
  virtual Status Build(Host& host) = 0;

  /// Starts its threads. The HTTP server is listening already.
  virtual void Start() = 0;

  /// SIGHUP: reads files again.
  virtual void Reload() {}

  /// Stops taking work, finishes what is in flight within `deadline`, and stops its threads, in the
  /// order in which data flows. The server still answers; `/readyz` is 503 already.
  /// @return what was left over, if anything was.
  virtual Status Stop(Duration deadline) = 0;

 private:
  friend std::shared_ptr<Host> MakeHost(const HostOptions& options, Application& application);

  // Of the base, so that it outlives the parts of the application, which refer to it.
  std::shared_ptr<Host> host_;
};

/// What `Main` has to know of a program.
struct ProgramInfo {
  std::string_view name;     ///< "audit-log-analysis"; also the default of SERVICE_NAME
  std::string_view summary;  ///< one sentence, for --help
  std::string_view version;
  std::string_view open_api;  ///< its own document, see `api::CompleteOpenApi`
  std::uint16_t default_port = 0;
  std::uint16_t default_metrics_port = 0;  ///< 0: no second port unless it is set
  std::string_view host_variable = "APP_HOST";
  std::string_view port_variable = "APP_PORT";
  std::string_view default_address = "0.0.0.0";
};

/// Adds the settings that every service has; those of `info` decide names and defaults. `options`
/// must outlive the table.
void AddHostSettings(config::SettingTable& table, const ProgramInfo& info, HostOptions& options);

/// A host that lives at least as long as the application.
std::shared_ptr<Host> MakeHost(const HostOptions& options, Application& application);

/// Has the application built and adds the routes of every service to its router: /healthz, /livez,
/// /readyz, /metrics, /loglevel, /openapi.json. All that a test of a service's routes needs.
/// @return what is wrong with the configuration.
Status Assemble(Host& host, const ProgramInfo& info, Application& application);

/// A whole service: reads settings, logs, listens, runs, and ends on SIGTERM or SIGINT.
///
///     NAME [--config FILE]                  run
///     NAME --check-config                   say what is wrong with the configuration; run nothing
///     NAME --print-config                   the settings in use, secrets masked
///     NAME --config-reference               all settings as Markdown
///     NAME --openapi                        the OpenAPI document
///     NAME --help, --version
///
/// SIGHUP reads the token file again and calls `Application::Reload`. On SIGTERM or SIGINT
/// `/readyz` turns 503, the application is stopped within the deadline, then the servers; a second
/// signal ends the process at once.
///
/// @return the exit code: 0; 1 if it cannot listen, if something was left over at the deadline, or
/// if `Host::Fail` was called; 2 for wrong arguments or configuration.
int Main(int argc, char** argv, const ProgramInfo& info, Application& application);

}  // namespace auditflow::service
