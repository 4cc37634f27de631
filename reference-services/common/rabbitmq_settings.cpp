#include "common/rabbitmq_settings.hpp"

#include <chrono>
#include <string>
#include <utility>

#include "auditflow/observe/logging.hpp"

namespace auditflow::services {
namespace {

constexpr const char* kSection = "RabbitMQ";

Status CheckTls(const rabbitmq::TlsOptions& tls) {
  if (!tls.enabled) return {};
  if (tls.verify_peer && tls.ca_file.empty()) {
    return InvalidArgument("is needed to verify the broker's certificate");
  }
  return {};
}

Status CheckPair(const rabbitmq::TlsOptions& tls) {
  if (tls.certificate_file.empty() == tls.key_file.empty()) return {};
  return InvalidArgument("RABBITMQ_TLS_CERTIFICATE and RABBITMQ_TLS_KEY belong together");
}

void AddTlsSettings(config::SettingTable& table, rabbitmq::TlsOptions& tls) {
  table.Flag("RABBITMQ_TLS", tls.enabled, "Encrypt the connection; the port is then usually 5671")
      .Text("RABBITMQ_TLS_CA", tls.ca_file, "PEM file of who may sign the broker's certificate")
      .Text("RABBITMQ_TLS_CERTIFICATE", tls.certificate_file,
            "PEM file of this service's own certificate, if the broker asks for one")
      .Text("RABBITMQ_TLS_KEY", tls.key_file, "PEM file of the key of that certificate")
      .Flag("RABBITMQ_TLS_VERIFY", tls.verify_peer, "Refuse a broker whose certificate is not good")
      .Flag("RABBITMQ_TLS_VERIFY_HOST", tls.verify_hostname,
            "Refuse a certificate that was made for another host")
      .Check("RABBITMQ_TLS_CA", [&tls] { return CheckTls(tls); })
      .Check("RABBITMQ_TLS_CERTIFICATE", [&tls] { return CheckPair(tls); });
}

}  // namespace

rabbitmq::ConnectionOptions DefaultConnection(std::string_view user, std::string_view password) {
  rabbitmq::ConnectionOptions connection;
  connection.host = "rabbitmq-service";
  connection.user = user;
  connection.password = Secret(std::string(password));
  return connection;
}

void AddRabbitMqSettings(config::SettingTable& table, rabbitmq::ConnectionOptions& connection) {
  table.Section(kSection)
      .Text("RABBITMQ_HOST", connection.host, "Host name or address of the broker")
      .Port("RABBITMQ_PORT", connection.port, "Its port")
      .Text("RABBITMQ_USER", connection.user, "Account at the broker")
      .Hidden("RABBITMQ_PASS", connection.password, "Its password")
      .Text("RABBITMQ_VHOST", connection.virtual_host, "Virtual host")
      .Time("RABBITMQ_HEARTBEAT", connection.heartbeat,
            "A silent broker is given up after about twice that; whole seconds",
            std::chrono::seconds(1), std::chrono::seconds(600))
      .Time("RABBITMQ_CONNECT_TIMEOUT", connection.connect_timeout,
            "Each for the connection, its encryption and the log-in",
            std::chrono::milliseconds(100), std::chrono::minutes(10));
  AddTlsSettings(table, connection.tls);
}

void AddTopologySettings(config::SettingTable& table, rabbitmq::TopologyOptions& topology) {
  using rabbitmq::QueueKind;
  table.Section(kSection)
      .Choice("RABBITMQ_QUEUE_KIND", topology.kind,
              {{"classic", QueueKind::kClassic},
               {"quorum", QueueKind::kQuorum},
               {"consistent-hash", QueueKind::kConsistentHash}},
              "What stands at the broker; all services have to agree, and the Python services know "
              "classic only")
      .Flag("RABBITMQ_DECLARE", topology.declare,
            "Declare queues that are missing; false for an account without the right to")
      .Number(
          "RABBITMQ_DELIVERY_LIMIT", topology.delivery_limit,
          "quorum: deliveries after which the broker itself takes a message out; 0 for no limit")
      .Number("RABBITMQ_PARTITIONS", topology.partitions, "consistent-hash: number of queues", 1,
              256);
}

bool ShowHealth(observe::HealthRegistry& registry, std::string_view component,
                const rabbitmq::ConnectionHealth& health) {
  const bool changed = registry.Set(component, health.up(), health.reason);
  if (changed && health.up()) observe::log::Info(component, "connected");
  if (changed && !health.up()) {
    observe::log::Warning(component, "connection is down", {{"reason", health.reason}});
  }
  return health.up();
}

bool LossWatch::Look(std::string_view component, const rabbitmq::ConnectionHealth& health) {
  const bool failed = std::exchange(failures_, health.failures) != health.failures;
  if (!failed || !health.up()) return false;
  observe::log::Warning(component, "connection was lost and is back",
                        {{"reason", health.last_failure}});
  return true;
}

}  // namespace auditflow::services
