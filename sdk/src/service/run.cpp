#include "src/service/run.hpp"

#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "auditflow/api/access.hpp"
#include "auditflow/observe/logging.hpp"

#include "src/service/process_metrics.hpp"
#include "src/service/signals.hpp"

namespace auditflow::service {
namespace {

namespace log = observe::log;

constexpr int kExitOk = 0;
constexpr int kExitFailed = 1;
constexpr int kExitUsage = 2;
constexpr const char* kComponent = "service";
// For the last answers, once the application has stopped.
constexpr Duration kServerGrace = std::chrono::seconds(1);
// An application that does not come back from Stop at all.
constexpr Duration kStopGrace = std::chrono::seconds(3);

bool IsLoopback(std::string_view address) {
  return address.starts_with("127.") || address == "::1" || address == "localhost";
}

int Complain(const ProgramInfo& info, const Status& status) {
  std::fprintf(stderr, "%.*s: %s\n", static_cast<int>(info.name.size()), info.name.data(),
               status.message().c_str());
  return kExitUsage;
}

Result<std::shared_ptr<api::AccessControl>> LoadAccess(const HostOptions& options) {
  if (options.tokens_file.empty()) return nullptr;
  auto access = api::AccessControl::Load(options.tokens_file);
  if (!access) return Error(access.error().WithContext("TOKENS_FILE"));
  return access;
}

/// The ports of a service.
class Servers {
 public:
  explicit Servers(Host& host)
      : host_(host),
        http_metrics_(host.metrics()),
        metrics_router_(std::make_shared<http::Router>()) {
    api::AddMetricsRoute(*metrics_router_, host.metrics());
  }

  Status Start() {
    const HostOptions& options = host_.options();
    Result<std::unique_ptr<http::HttpServer>> main =
        http::HttpServer::Start(OptionsFor(options.port), host_.shared_router());
    if (!main) return main.error();
    main_ = *std::move(main);
    if (options.metrics_port == 0) return {};
    Result<std::unique_ptr<http::HttpServer>> metrics =
        http::HttpServer::Start(OptionsFor(options.metrics_port), metrics_router_);
    if (!metrics) return metrics.error();
    metrics_ = *std::move(metrics);
    return {};
  }

  /// Of the main port, as long as it is there.
  void AddConnectionMetrics() {
    open_ = host_.metrics().AddGauge(
        "auditflow_http_connections", "Connections to the main port that are open",
        [this] { return static_cast<double>(main_->Statistics().connections_open); });
    events_ = host_.metrics().AddCounters(
        "auditflow_http_connections_total",
        "Connections to the main port: accepted, refused because there were too many, cut off "
        "because a request or its answer took too long",
        "event", [this] {
          const http::ServerStatistics now = main_->Statistics();
          return std::vector<observe::LabelledCount>{
              {"accepted", static_cast<double>(now.connections_accepted)},
              {"refused", static_cast<double>(now.connections_refused)},
              {"timed_out", static_cast<double>(now.timeouts)}};
        });
  }

  void Shutdown() {
    if (main_) (void)main_->Shutdown(kServerGrace);
    if (metrics_) (void)metrics_->Shutdown(kServerGrace);
  }

  [[nodiscard]] std::uint16_t port() const { return main_->port(); }

 private:
  http::ServerOptions OptionsFor(std::uint16_t port) {
    const HostOptions& options = host_.options();
    http::ServerOptions server;
    server.address = options.address;
    server.port = port;
    server.threads = options.http_threads;
    server.limits = options.limits;
    server.on_exchange = [this](const http::Exchange& exchange) { OnExchange(exchange); };
    return server;
  }

  void OnExchange(const http::Exchange& exchange) {
    http_metrics_.Count(exchange);
    LogExchange(exchange);
    if (exchange.error.empty() || exchange.method.empty()) return;
    log::Error("http", "a handler failed", {{"route", exchange.route}, {"error", exchange.error}});
  }

  static void LogExchange(const http::Exchange& exchange) {
    if (!log::Enabled(log::Level::kDebug)) return;
    log::Debug("http", exchange.method.empty() ? "no request" : "request",
               {{"method", exchange.method},
                {"path", exchange.path},
                {"status", exchange.status},
                {"seconds", exchange.duration},
                {"reason", exchange.error},
                {"remote_address", exchange.remote_address}});
  }

  Host& host_;
  api::HttpMetrics http_metrics_;
  std::shared_ptr<http::Router> metrics_router_;
  std::unique_ptr<http::HttpServer> main_;
  std::unique_ptr<http::HttpServer> metrics_;
  // Last, so that they are gone before the server that they ask.
  observe::GaugeCallback open_;
  observe::MetricCallback events_;
};

/// Ends the process if it is not destroyed in time.
class Watchdog {
 public:
  explicit Watchdog(Duration limit) : thread_([this, limit] { Watch(limit); }) {}
  ~Watchdog() {
    {
      const std::scoped_lock lock(mutex_);
      done_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

 private:
  void Watch(Duration limit) {
    std::unique_lock lock(mutex_);
    if (changed_.wait_for(lock, limit, [this] { return done_; })) return;
    log::Error(kComponent, "stopping hangs; ending the process");
    std::_Exit(kExitFailed);
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  bool done_ = false;
  std::thread thread_;
};

void Reload(Application& application, api::AccessControl* access) {
  log::Info(kComponent, "reading files again");
  if (access != nullptr) {
    const Status status = access->Reload();
    if (!status.ok()) {
      log::Error("access", "tokens not read again; those known so far stay valid",
                 {{"reason", status.message()}});
    } else {
      log::Info("access", "tokens read again", {{"tokens", access->size()}});
    }
  }
  application.Reload();
}

/// @return the signal that asks for the end; 0 if the service failed.
int WaitForEnd(Signals& signals, Application& application, api::AccessControl* access) {
  for (;;) {
    const int signal = signals.Wait();
    if (signal != SIGHUP) return signal;
    Reload(application, access);
  }
}

Status StopAll(Host& host, Application& application, Servers& servers) {
  const Duration deadline = host.options().shutdown_deadline;
  const Watchdog watchdog(deadline + kStopGrace);
  host.health().Drain();
  Status status = application.Stop(deadline);
  servers.Shutdown();
  return status;
}

void SayStarted(const Host& host, const ProgramInfo& info, const Servers& servers,
                const api::AccessControl* access) {
  const HostOptions& options = host.options();
  log::Info(kComponent, "listening",
            {{"program", info.name},
             {"version", info.version},
             {"address", options.address},
             {"port", servers.port()},
             {"metrics_port", options.metrics_port},
             {"environment", options.environment},
             {"tokens", access == nullptr ? std::size_t{0} : access->size()}});
  if (access == nullptr && !IsLoopback(options.address)) {
    log::Warning("access",
                 "no access tokens are configured: everybody who reaches this port may read and "
                 "change everything; set TOKENS_FILE, or listen on 127.0.0.1",
                 {{"address", options.address}, {"port", servers.port()}});
  }
}

int Serve(Host& host, const ProgramInfo& info, Application& application, Signals& signals,
          api::AccessControl* access) {
  Servers servers(host);
  if (const Status status = servers.Start(); !status.ok()) {
    log::Error(kComponent, "cannot start", {{"reason", status.message()}});
    return kExitFailed;
  }
  servers.AddConnectionMetrics();
  SayStarted(host, info, servers, access);
  application.Start();
  host.OnFailure([&signals](const Status&) { signals.Interrupt(); });
  const int signal = WaitForEnd(signals, application, access);
  log::Info(kComponent, "stopping", {{"signal", signal}});
  signals.Release();
  const Status stopped = StopAll(host, application, servers);
  host.OnFailure([](const Status&) {});
  if (!stopped.ok()) {
    log::Error(kComponent, "stopped, but not everything was finished",
               {{"reason", stopped.message()}});
    return kExitFailed;
  }
  log::Info(kComponent, "stopped");
  return signal == 0 ? kExitFailed : kExitOk;
}

void ConfigureLogs(const HostOptions& options) {
  log::Options logging;
  logging.level = options.log_level;
  logging.format = options.log_format;
  logging.service = options.service_name;
  log::Configure(logging);
}

/// A service that is put together and does not run.
struct Assembled {
  std::shared_ptr<api::AccessControl> access;  ///< null: everything is open
  std::shared_ptr<Host> host;
};

Result<Assembled> Prepare(const HostOptions& options, const ProgramInfo& info,
                          Application& application) {
  auto access = LoadAccess(options);
  if (!access) return Error(access.error());
  Assembled assembled{*std::move(access), MakeHost(options, application)};
  if (Status status = Assemble(*assembled.host, info, application); !status.ok()) {
    return Error(std::move(status));
  }
  return assembled;
}

}  // namespace

int Run(const HostOptions& options, const ProgramInfo& info, Application& application) {
  ConfigureLogs(options);
  Signals signals;
  const Result<Assembled> assembled = Prepare(options, info, application);
  if (!assembled) return Complain(info, assembled.error());
  Host& host = *assembled->host;
  api::AccessControl* const access = assembled->access.get();
  if (access != nullptr) access->Install(host.router());
  const ProcessMetrics process(host.metrics(), host.health(), options.service_name, info.version);
  return Serve(host, info, application, signals, access);
}

int CheckOnly(const HostOptions& options, const ProgramInfo& info, Application& application) {
  ConfigureLogs(options);
  HostOptions checked = options;
  checked.only_checked = true;
  const Result<Assembled> assembled = Prepare(checked, info, application);
  if (!assembled) return Complain(info, assembled.error());
  std::puts("the configuration can be used");
  return kExitOk;
}

}  // namespace auditflow::service
