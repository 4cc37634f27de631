#include <chrono>
#include <string>

#include "auditflow/service/application.hpp"

namespace auditflow::service {
namespace {

using observe::log::Format;
using observe::log::Level;

void AddServerSettings(config::SettingTable& table, const ProgramInfo& info, HostOptions& options) {
  constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 30U;
  constexpr Duration kShortest = std::chrono::milliseconds(100);
  http::ServerLimits& limits = options.limits;
  table.Section("HTTP")
      .Text(std::string(info.host_variable), options.address,
            "Address or host name to listen on; 0.0.0.0 or :: for all, 127.0.0.1 for this machine")
      .Port(std::string(info.port_variable), options.port, "Port to listen on; 0 for a free one")
      .Port("PROMETHEUS_PORT", options.metrics_port,
            "Second port that serves /metrics alone; 0 for none")
      .Path("TOKENS_FILE", options.tokens_file,
            "File of the access tokens, see access.md; without it everything is open to everybody")
      .Number("HTTP_THREADS", options.http_threads, "Requests that are handled at the same time", 1,
              256)
      .Number("HTTP_MAX_CONNECTIONS", limits.max_connections,
              "Connections at the same time; more are answered 503", 1, 100'000)
      .Number("HTTP_MAX_BODY_BYTES", limits.max_body_bytes,
              "Size of a request's body; more is answered 413", 1, kMostBytes)
      .Number("HTTP_MAX_HEADER_BYTES", limits.max_header_bytes,
              "Size of a request's line and headers; more is answered 431", 1024, kMostBytes)
      .Time("HTTP_HEADER_TIMEOUT", limits.header_timeout,
            "For the headers of a request; then it is answered 408", kShortest)
      .Time("HTTP_BODY_TIMEOUT", limits.body_timeout,
            "For the body of a request; then it is answered 408", kShortest)
      .Time("HTTP_WRITE_TIMEOUT", limits.write_timeout,
            "For an answer to be taken; then the connection is closed", kShortest)
      .Time("HTTP_IDLE_TIMEOUT", limits.idle_timeout,
            "Between two requests of a connection; then it is closed", kShortest);
}

}  // namespace

void AddHostSettings(config::SettingTable& table, const ProgramInfo& info, HostOptions& options) {
  if (options.service_name.empty()) options.service_name = info.name;
  options.address = info.default_address;
  options.port = info.default_port;
  options.metrics_port = info.default_metrics_port;
  table.Section("Service")
      .Text("SERVICE_NAME", options.service_name, "Named in logs, health and metrics")
      .Text("ENVIRONMENT", options.environment, "Where it runs, e.g. production")
      .Custom(
          "LOG_LEVEL", "debug, info, warning, error, off",
          [&options](std::string_view text) -> Status {
            const auto level = observe::log::ParseLevel(text);
            if (!level) return level.error();
            options.log_level = *level;
            return {};
          },
          [&options] { return std::string(ToString(options.log_level)); },
          "Lowest level that is logged, in either case; PUT /loglevel changes it while it runs")
      .Choice("LOG_FORMAT", options.log_format, {{"json", Format::kJson}, {"text", Format::kText}},
              "JSON lines, or lines for people")
      .Time("SHUTDOWN_DEADLINE", options.shutdown_deadline,
            "How long work in flight may take after SIGTERM", Duration::zero(),
            std::chrono::hours(1));
  AddServerSettings(table, info, options);
  table.Check("PROMETHEUS_PORT", [&options]() -> Status {
    if (options.port == 0 || options.metrics_port != options.port) return {};
    return InvalidArgument("is the main port, which serves /metrics already; 0 for no second one");
  });
}

}  // namespace auditflow::service
