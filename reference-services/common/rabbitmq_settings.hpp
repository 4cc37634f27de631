#pragma once

#include <cstdint>
#include <string_view>

#include "auditflow/config/settings.hpp"
#include "auditflow/observe/health.hpp"
#include "auditflow/rabbitmq/connection_health.hpp"
#include "auditflow/rabbitmq/options.hpp"

namespace auditflow::services {

/// Adds how to reach the broker: RABBITMQ_HOST, RABBITMQ_PORT, RABBITMQ_USER, RABBITMQ_PASS,
/// RABBITMQ_VHOST and RABBITMQ_TLS_*, with what `connection` holds as defaults.
void AddRabbitMqSettings(config::SettingTable& table, rabbitmq::ConnectionOptions& connection);

/// Adds which kind of queues stands there: RABBITMQ_QUEUE_KIND and what belongs to it.
void AddTopologySettings(config::SettingTable& table, rabbitmq::TopologyOptions& topology);

/// The contract's defaults: host rabbitmq-service, `user` and `password`; each service has its own.
rabbitmq::ConnectionOptions DefaultConnection(std::string_view user, std::string_view password);

/// Reports a connection as a component; one that the broker blocks is up, with the reason.
/// @return whether it is up.
bool ShowHealth(observe::HealthRegistry& registry, std::string_view component,
                const rabbitmq::ConnectionHealth& health);

/// Finds what somebody who looks at a connection now and then would miss: that it was lost, and is
/// back already.
class LossWatch {
 public:
  /// Logs such a loss with its reason. @return whether there was one since the last look.
  bool Look(std::string_view component, const rabbitmq::ConnectionHealth& health);

 private:
  std::uint64_t failures_ = 0;
};

}  // namespace auditflow::services
