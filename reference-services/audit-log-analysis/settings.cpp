#include "audit-log-analysis/settings.hpp"

#include "auditflow/pipeline/shipped_rules.hpp"

#include "common/postgres_settings.hpp"
#include "common/rabbitmq_settings.hpp"
#include "common/redis_settings.hpp"

namespace auditflow::services {
namespace {

namespace fs = std::filesystem;

void AddQueueSettings(config::SettingTable& table, AnalysisSettings& settings) {
  AddRabbitMqSettings(table, settings.consumer.connection);
  AddTopologySettings(table, settings.consumer.topology);
  table.Section("RabbitMQ")
      .Text("RABBITMQ_QUEUE", settings.consumer.queue, "Where events come from")
      .Text("RABBITMQ_ALERT_QUEUE", settings.alert_queue, "Where alerts go to")
      .Number("RABBITMQ_PREFETCH", settings.consumer.prefetch,
              "Events that may be in this service's hands", 1, 65'535)
      .Number("RABBITMQ_MAX_ATTEMPTS", settings.consumer.max_attempts,
              "Deliveries after which an event goes to the dead-letter queue; 0: never")
      .Number("ANALYSIS_MAX_BATCH", settings.analyzer.max_batch, "Events evaluated together", 1,
              10'000);
}

void AddRuleSettings(config::SettingTable& table, AnalysisSettings& settings) {
  using correlate::Repeat;
  table.Section("Rules")
      .Path("RULES_DIR", settings.rules, "Folder of Sigma rules; empty: the shipped ones")
      .Path("LOGSOURCE_MAP", settings.logsource_maps,
            "Folder of *.logsource.yml; empty: `logsources` in RULES_DIR, else the shipped ones")
      .Flag("RULES_ROUTING", settings.routing,
            "Ask rules only of events of their logsource; false: every rule of every event")
      .Time("RULES_WATCH_INTERVAL", settings.watch_interval,
            "How often to look for changed rules; 0: only on SIGHUP")
      .Choice("ALERT_REPEAT", settings.repeat,
              {{"rules", std::optional<Repeat>()},
               {"once", std::optional(Repeat::kOnce)},
               {"every", std::optional(Repeat::kEvery)}},
              "Correlations report each event at which their condition holds (every), or only the "
              "one at which it begins to (once); rules: as each rule says")
      .Time("ALLOWED_LATENESS", settings.lateness,
            "How much older than the newest of its group an event may be and still count; alerts "
            "of correlations may take that much longer",
            Duration::zero(), std::chrono::hours(24));
}

void AddStateSettings(config::SettingTable& table, AnalysisSettings& settings) {
  table.Section("State").Choice(
      "STATE_STORE", settings.state, {{"redis", StateKind::kRedis}, {"memory", StateKind::kMemory}},
      "Where open windows are: in Redis, shared by all replicas, or in this process");
  AddRedisSettings(table, settings.redis);
}

void AddArchiveSettings(config::SettingTable& table, AnalysisSettings& settings) {
  table.Section("Archive")
      .Choice("ARCHIVE", settings.archive,
              {{"off", ArchiveKind::kOff},
               {"sqlite", ArchiveKind::kSqlite},
               {"postgres", ArchiveKind::kPostgres}},
              "Keeps every event with the rules that matched: in a file, or in the database of the "
              "PG_ settings")
      .Path("ARCHIVE_PATH", settings.sqlite.path, "sqlite: the file, made if missing")
      .Number("ARCHIVE_RETENTION_DAYS", settings.retention_days,
              "Days that events are kept; 0: for ever", 0, 36'500);
  AddPostgresSettings(table, settings.postgres.connection);
}

void AddMetricSettings(config::SettingTable& table, AnalysisSettings& settings) {
  table.Section("Metrics")
      .Flag("METRICS_USER_LABEL", settings.metrics.label_alerts_by_user,
            "Label user_id of audit_analysis_alerts_total; false: always empty")
      .Number("METRICS_MAX_ALERT_LABELS", settings.metrics.max_alert_label_sets,
              "Label sets of audit_analysis_alerts_total; beyond, users and hosts are \"other\"", 1,
              100'000);
}

}  // namespace

AnalysisSettings::AnalysisSettings() {
  consumer.connection = DefaultConnection("user", "password");
  consumer.connection.name = "audit-log-analysis";
  consumer.connection.app_id = "audit-log-analysis";
  consumer.queue = "audit_events";
  // Events stay with this service until their alerts are confirmed: while some batches wait for
  // that, one is evaluated and others come in. What a batch costs Redis is by groups more than by
  // events.
  analyzer.max_batch = 1000;
  consumer.prefetch = 2000;
  redis.host = "redis-service";
  sqlite.path = "events.db";
  postgres.connection.application_name = "audit-log-analysis";
  postgres.connection.connect_at_once = false;
}

void AddAnalysisSettings(config::SettingTable& table, AnalysisSettings& settings) {
  AddQueueSettings(table, settings);
  AddRuleSettings(table, settings);
  AddStateSettings(table, settings);
  AddArchiveSettings(table, settings);
  AddMetricSettings(table, settings);
}

fs::path RulesFolder(const AnalysisSettings& settings) {
  return settings.rules.empty() ? pipeline::RulesBesideProgram() : settings.rules;
}

fs::path LogsourceMaps(const AnalysisSettings& settings) {
  if (!settings.logsource_maps.empty()) return settings.logsource_maps;
  return pipeline::LogsourceMapsOf({settings.rules, pipeline::RulesBesideProgram()});
}

}  // namespace auditflow::services
