#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "auditflow/config/settings.hpp"
#include "auditflow/pipeline/alert_ingest.hpp"
#include "auditflow/postgres/postgres_options.hpp"
#include "auditflow/rabbitmq/options.hpp"
#include "auditflow/store/sqlite_alert_store.hpp"

#include "notification-service/notify_settings.hpp"

namespace auditflow::services {

enum class StoreKind : std::uint8_t { kPostgres, kSqlite };

/// All that the service can be told, with its defaults.
struct NotificationSettings {
  NotificationSettings();

  rabbitmq::ConsumerOptions consumer;
  pipeline::AlertIngestOptions ingest;
  std::size_t ingest_workers = 2;
  StoreKind store = StoreKind::kPostgres;
  postgres::PostgresOptions postgres;
  store::SqliteAlertStoreOptions sqlite;
  NotifySettings notify;
};

/// `settings` must outlive the table.
void AddNotificationSettings(config::SettingTable& table, NotificationSettings& settings);

}  // namespace auditflow::services
