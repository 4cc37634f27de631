#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "auditflow/config/settings.hpp"
#include "auditflow/correlate/window_store.hpp"
#include "auditflow/observe/pipeline_metrics.hpp"
#include "auditflow/pipeline/analyzer.hpp"
#include "auditflow/postgres/postgres_event_store.hpp"
#include "auditflow/rabbitmq/options.hpp"
#include "auditflow/redis/redis_options.hpp"
#include "auditflow/store/sqlite_event_store.hpp"

namespace auditflow::services {

enum class StateKind : std::uint8_t { kRedis, kMemory };
enum class ArchiveKind : std::uint8_t { kOff, kSqlite, kPostgres };

/// All that the service can be told, with its defaults.
struct AnalysisSettings {
  AnalysisSettings();

  rabbitmq::ConsumerOptions consumer;
  std::string alert_queue = "audit_alerts";
  pipeline::AnalyzerOptions analyzer;

  std::filesystem::path rules;           ///< empty: the shipped ones
  std::filesystem::path logsource_maps;  ///< empty: the shipped ones
  bool routing = true;
  Duration watch_interval = std::chrono::seconds(2);
  std::optional<correlate::Repeat> repeat;  ///< nothing: as the rules say
  Duration lateness = std::chrono::seconds(2);

  StateKind state = StateKind::kRedis;
  redis::RedisOptions redis;
  observe::AnalysisMetricsOptions metrics;

  ArchiveKind archive = ArchiveKind::kOff;
  std::uint32_t retention_days = 30;  ///< 0: for ever
  store::SqliteEventStoreOptions sqlite;
  postgres::PostgresEventStoreOptions postgres;
};

/// `settings` must outlive the table.
void AddAnalysisSettings(config::SettingTable& table, AnalysisSettings& settings);

/// The folder of the rules: as set, else share/auditflow/rules beside this program's folder. Empty
/// if there is none.
std::filesystem::path RulesFolder(const AnalysisSettings& settings);
/// Likewise the logsource maps: as set, else `logsources` in the folder of the rules, else in that
/// of the shipped ones.
std::filesystem::path LogsourceMaps(const AnalysisSettings& settings);

}  // namespace auditflow::services
