#include "common/redis_settings.hpp"

#include <chrono>

#include "auditflow/observe/logging.hpp"
#include "auditflow/redis/redis_windows.hpp"

namespace auditflow::services {

void AddRedisSettings(config::SettingTable& table, redis::RedisOptions& options) {
  constexpr Duration kShortest = std::chrono::milliseconds(10);
  table.Section("Redis")
      .Text("REDIS_HOST", options.host, "Host name or address of Redis, 6.2 or later")
      .Port("REDIS_PORT", options.port, "Its port")
      .Text("REDIS_SOCKET", options.unix_socket, "A Unix socket instead of host and port")
      .Text("REDIS_USER", options.username, "Account (ACL user); empty: the default user")
      .Hidden("REDIS_PASSWORD", options.password, "Its password")
      .Number("REDIS_DB", options.database, "Number of the database", 0, 1'000'000)
      .Text("REDIS_KEY_PREFIX", options.key_prefix,
            "In front of all keys; services with the same prefix and rules share windows")
      .Time("REDIS_CONNECT_TIMEOUT", options.connect_timeout, "For a connection", kShortest,
            std::chrono::hours(1))
      .Time("REDIS_COMMAND_TIMEOUT", options.command_timeout,
            "For all that one round trip waits for", kShortest, std::chrono::hours(1))
      .Time("REDIS_RETENTION", options.retention,
            "How much longer than its timespan a silent window is kept: what a backlog may be "
            "behind",
            std::chrono::seconds(0))
      .Check("REDIS_HOST", [&options] { return redis::Validate(options); });
}

bool ShowHealth(observe::HealthRegistry& registry, std::string_view component,
                const redis::RedisHealth& health) {
  const bool changed = registry.Set(component, health.up, health.reason);
  if (changed && health.up) observe::log::Info(component, "connected");
  if (changed && !health.up) {
    observe::log::Warning(component, "connection is down", {{"reason", health.reason}});
  }
  return health.up;
}

}  // namespace auditflow::services
