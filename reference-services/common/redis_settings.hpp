#pragma once

#include <string_view>

#include "auditflow/config/settings.hpp"
#include "auditflow/observe/health.hpp"
#include "auditflow/redis/redis_options.hpp"

namespace auditflow::services {

/// Adds how to reach Redis: the contract's REDIS_HOST and REDIS_PORT, and REDIS_… for the account,
/// keys and time-outs, with what `options` holds as defaults.
void AddRedisSettings(config::SettingTable& table, redis::RedisOptions& options);

/// Reports Redis as a component; a loss of its state is a remark on one that is up.
/// @return whether it is up.
bool ShowHealth(observe::HealthRegistry& registry, std::string_view component,
                const redis::RedisHealth& health);

}  // namespace auditflow::services
