#include "event-audit-dashboard/dashboard.hpp"

#include <algorithm>
#include <utility>

#include "auditflow/observe/logging.hpp"

namespace auditflow::dashboard {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::string_view kComponent = "notification_service";

/// Tells health, metrics and the log what each request to the service has shown.
class PeerReport {
 public:
  PeerReport(service::Host& host, std::string peer)
      : health_(host.health()),
        peer_(std::move(peer)),
        connection_(host.metrics().AddGauge(
            "event_audit_dashboard_notification_connection_status",
            "Whether the notification service answered when it was last asked, 0 or 1.")),
        requests_(host.metrics().AddCounters("event_audit_dashboard_notification_requests_total",
                                             "Requests to the notification service by outcome.",
                                             {.labels = {"outcome"}})) {
    health_.Register(kComponent, observe::Criticality::kInformational);
    connection_.Set(0);
    for (const std::string_view outcome : {"success", "failure"}) requests_.With({outcome});
  }

  void operator()(const api::PeerHealth& peer) const {
    connection_.Set(peer.up ? 1 : 0);
    requests_.With({peer.up ? "success" : "failure"}).Increment();
    const bool changed = health_.Set(kComponent, peer.up, peer.reason);
    if (!changed) return;
    if (peer.up) {
      observe::log::Info(kComponent, "the notification service answers", {{"peer", peer_}});
    } else {
      observe::log::Warning(kComponent, "the notification service is away",
                            {{"peer", peer_}, {"reason", peer.reason}});
    }
  }

 private:
  observe::HealthRegistry& health_;
  const std::string peer_;
  observe::Gauge& connection_;
  observe::CounterFamily& requests_;
};

std::string PeerName(const Settings& settings) {
  return settings.host + ":" + std::to_string(settings.port);
}

api::RemoteAlertOptions ReaderOptions(const Settings& settings, service::Host& host) {
  return {.service = {.host = settings.host,
                      .port = settings.port,
                      .timeout = settings.timeout,
                      .max_body_bytes = settings.max_answer_bytes},
          .token = settings.token,
          // One thread is left for health and for pages that need no answer.
          .max_concurrent = std::max<std::size_t>(2, host.options().http_threads) - 1,
          .on_request = PeerReport(host, PeerName(settings))};
}

/// A header can hold no other characters.
bool IsPrintable(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7F'; });
}

}  // namespace

service::ProgramInfo Info(std::string_view open_api) {
  constexpr std::uint16_t kDefaultPort = 8080;
  return {.name = "event-audit-dashboard",
          .summary = "Shows the alerts of a notification service as pages.",
          .version = AUDITFLOW_VERSION,
          .open_api = open_api,
          .default_port = kDefaultPort};
}

void Dashboard::AddSettings(config::SettingTable& table) {
  Settings& s = settings_;
  constexpr std::uint32_t kMaxAnswer = std::uint32_t{1} << 30U;
  table.Section("Notification service")
      .Text("NOTIFICATION_SERVICE_HOST", s.host, "Its host name or address")
      .Port("NOTIFICATION_SERVICE_PORT", s.port, "Its port")
      .Hidden("NOTIFICATION_SERVICE_TOKEN", s.token,
              "Bearer token with the scope alerts:read, if it asks for one")
      .Time("NOTIFICATION_SERVICE_TIMEOUT", s.timeout,
            "How long an answer may take, from the connection to its last byte", milliseconds(100),
            seconds(30))
      .Number("NOTIFICATION_SERVICE_MAX_ANSWER_BYTES", s.max_answer_bytes,
              "The largest answer that is read", 1U << 16U, kMaxAnswer)
      .Time("NOTIFICATION_SERVICE_PROBE_INTERVAL", s.probe_interval,
            "How often it is asked whether it answers", milliseconds(100), minutes(60));
  table.Section("Pages")
      .Text("PAGE_TITLE", s.title, "The name at the top of each page")
      .Number("ALERTS_PER_PAGE", s.alerts_per_page, "Alerts on one page of the list", 1, 1000)
      .Time("REFRESH_INTERVAL", s.refresh,
            "How often the newest alerts load themselves again, in whole seconds; 0: never",
            Duration::zero(), minutes(60));
  table.Check("NOTIFICATION_SERVICE_HOST", [&s] {
    return s.host.empty() || !IsPrintable(s.host) ? InvalidArgument("is no host name") : Status();
  });
  table.Check("NOTIFICATION_SERVICE_PORT", [&s] {
    return s.port == 0 ? InvalidArgument("0 is no port to connect to") : Status();
  });
  table.Check("NOTIFICATION_SERVICE_TOKEN", [&s] {
    return IsPrintable(s.token.Reveal())
               ? Status()
               : InvalidArgument("a token has no spaces or control characters");
  });
}

Status Dashboard::Build(service::Host& host) {
  host_ = &host;
  alerts_ = std::make_unique<api::RemoteAlertReader>(ReaderOptions(settings_, host), host.clock());
  api::AddAlertPages(host.router(), *alerts_,
                     {.title = settings_.title,
                      .alerts_per_page = settings_.alerts_per_page,
                      .refresh = std::chrono::ceil<seconds>(settings_.refresh)},
                     host.clock());
  return {};
}

void Dashboard::Start() {
  probe_ = std::make_unique<pipeline::Worker>([this](const std::stop_token& stop) {
    do {
      // What it finds goes to whoever listens to the reader.
      static_cast<void>(alerts_->Ping());
    } while (host_->clock().SleepFor(settings_.probe_interval, stop));
  });
}

Status Dashboard::Stop(Duration deadline) {
  if (!probe_) return {};
  probe_->RequestStop();
  // A question that is still open holds nothing that could be lost.
  static_cast<void>(probe_->WaitFor(deadline));
  return {};
}

}  // namespace auditflow::dashboard
