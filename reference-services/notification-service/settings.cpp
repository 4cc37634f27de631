#include "notification-service/settings.hpp"

#include <chrono>

#include "common/postgres_settings.hpp"
#include "common/rabbitmq_settings.hpp"

namespace auditflow::services {

NotificationSettings::NotificationSettings() {
  consumer.connection = DefaultConnection("user", "password");
  consumer.connection.host = "localhost";
  consumer.connection.name = "notification-service";
  consumer.connection.app_id = "notification-service";
  consumer.queue = "audit_alerts";
  // Each worker's batch, and as many that come in meanwhile.
  consumer.prefetch = 1000;
  postgres.application_name = "notification-service";
  postgres.max_connections = 8;
  sqlite.path = "alerts.db";
}

void AddNotificationSettings(config::SettingTable& table, NotificationSettings& settings) {
  AddRabbitMqSettings(table, settings.consumer.connection);
  AddTopologySettings(table, settings.consumer.topology);
  table.Section("RabbitMQ")
      .Text("RABBITMQ_ALERT_QUEUE", settings.consumer.queue, "Where alerts come from")
      .Number("RABBITMQ_PREFETCH", settings.consumer.prefetch,
              "Alerts that may be in this service's hands", 1, 65'535);
  table.Section("Alerts")
      .Choice("ALERT_STORE", settings.store,
              {{"postgres", StoreKind::kPostgres}, {"sqlite", StoreKind::kSqlite}},
              "Where alerts are kept: the database of the PG_ settings, or a file")
      .Path("ALERT_STORE_PATH", settings.sqlite.path, "sqlite: the file, made if missing")
      .Number("STORE_MAX_BATCH", settings.ingest.max_batch, "Alerts in one transaction", 1, 10'000)
      .Number("STORE_WORKERS", settings.ingest_workers,
              "Batches in work at the same time: one is parsed while the other is stored", 1, 16)
      .Time("STORE_MAX_WAIT", settings.ingest.max_wait,
            "How long to wait for the first alert of a batch; what has come by then goes in",
            std::chrono::milliseconds(1), std::chrono::seconds(10));
  AddPostgresSettings(table, settings.postgres);
  AddNotifySettings(table, settings.notify);
}

}  // namespace auditflow::services
