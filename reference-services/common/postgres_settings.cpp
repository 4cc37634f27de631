#include "common/postgres_settings.hpp"

#include <chrono>

#include "auditflow/observe/logging.hpp"

namespace auditflow::services {
namespace {

constexpr Duration kShortest = std::chrono::milliseconds(100);

void AddTlsSettings(config::SettingTable& table, postgres::PostgresOptions& options) {
  table
      .Choice("PG_SSLMODE", options.ssl_mode,
              {"disable", "allow", "prefer", "require", "verify-ca", "verify-full"},
              "Encryption, in libpq's words")
      .Text("PG_SSLROOTCERT", options.ssl_root_cert, "PEM file of who may sign its certificate")
      .Text("PG_SSLCERT", options.ssl_cert, "PEM file of this service's own certificate")
      .Text("PG_SSLKEY", options.ssl_key, "PEM file of the key of that certificate");
}

}  // namespace

void AddPostgresSettings(config::SettingTable& table, postgres::PostgresOptions& options) {
  table.Section("PostgreSQL")
      .Text("PG_HOST", options.host,
            "Host name, address or socket folder; of several, separated by commas, the first that "
            "accepts writes")
      .Port("PG_PORT", options.port, "Its port")
      .Text("PG_DB", options.database, "Database")
      .Text("PG_USER", options.user, "Account at the database")
      .Hidden("PG_PASSWORD", options.password, "Its password")
      .Number("PG_MAX_CONNECTIONS", options.max_connections,
              "Connections of this service at the same time", 1, 1000)
      .Time("PG_CONNECT_TIMEOUT", options.connect_timeout, "For a connection, per host",
            std::chrono::seconds(1))
      .Time("PG_ACQUIRE_TIMEOUT", options.acquire_timeout,
            "For a free connection; then a request is answered 503", kShortest)
      .Time("PG_STATEMENT_TIMEOUT", options.statement_timeout, "For one statement", kShortest)
      .Flag("PG_MIGRATE", options.migrate,
            "Bring the tables to this release's form; false where somebody else does that");
  AddTlsSettings(table, options);
  table.Check("PG_HOST", [&options] { return Validate(options); });
}

bool ShowHealth(observe::HealthRegistry& registry, std::string_view component,
                const postgres::PostgresHealth& health) {
  const bool changed = registry.Set(component, health.up, health.reason);
  if (changed && health.up) observe::log::Info(component, "connected");
  if (changed && !health.up) {
    observe::log::Warning(component, "database is down", {{"reason", health.reason}});
  }
  return health.up;
}

}  // namespace auditflow::services
