#pragma once

#include <string_view>

#include "auditflow/config/settings.hpp"
#include "auditflow/observe/health.hpp"
#include "auditflow/postgres/postgres_options.hpp"

namespace auditflow::services {

/// Adds how to reach the database: the contract's PG_HOST, PG_PORT, PG_DB, PG_USER and PG_PASSWORD,
/// and PG_… for encryption, connections and time-outs, with what `options` holds as defaults.
void AddPostgresSettings(config::SettingTable& table, postgres::PostgresOptions& options);

/// Reports the database as a component. @return whether it is up.
bool ShowHealth(observe::HealthRegistry& registry, std::string_view component,
                const postgres::PostgresHealth& health);

}  // namespace auditflow::services
