#include "audit-log-analysis/archive.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "auditflow/observe/logging.hpp"
#include "auditflow/store/in_memory_event_store.hpp"
#include "auditflow/store/sqlite_file.hpp"

#include "common/postgres_settings.hpp"

namespace auditflow::services {
namespace {

constexpr Duration kRetentionInterval = std::chrono::hours(1);
constexpr Duration kRetryInterval = std::chrono::minutes(1);
// What the archive keeps partitions for beyond the retention, at most.
constexpr std::uint32_t kMaxPartitionDays = 3650;

/// Each day that is kept has a partition of its own, so that forgetting it is dropping a table.
postgres::PostgresEventStoreOptions PartitionedFor(postgres::PostgresEventStoreOptions options,
                                                   std::uint32_t retention_days) {
  if (retention_days > 0) {
    options.partition_days = std::clamp(retention_days + 1, std::uint32_t{1}, kMaxPartitionDays);
  }
  return options;
}

}  // namespace

Result<std::unique_ptr<Archive>> Archive::Open(const AnalysisSettings& settings,
                                               observe::Metrics& metrics, Clock& clock,
                                               bool only_checked) {
  if (settings.archive == ArchiveKind::kOff) return nullptr;
  if (settings.archive == ArchiveKind::kSqlite && only_checked) {
    Status status = store::CheckSqlitePath(settings.sqlite.path);
    if (!status.ok()) return Error(status.WithContext("ARCHIVE_PATH"));
    return std::unique_ptr<Archive>(
        new Archive(std::make_unique<store::InMemoryEventStore>(), settings.retention_days, clock));
  }
  if (settings.archive == ArchiveKind::kSqlite) {
    auto opened = store::SqliteEventStore::Create(settings.sqlite);
    if (!opened) return Error(opened.error().WithContext("ARCHIVE_PATH"));
    return std::unique_ptr<Archive>(
        new Archive(*std::move(opened), settings.retention_days, clock));
  }
  auto made = postgres::PostgresEventStore::Create(
      PartitionedFor(settings.postgres, settings.retention_days), clock);
  if (!made) return Error(made.error());
  postgres::PostgresEventStore* const postgres = made->get();
  std::unique_ptr<Archive> archive(new Archive(*std::move(made), settings.retention_days, clock));
  archive->postgres_ = postgres;
  archive->pool_metrics_.emplace(metrics, [postgres] { return postgres->Pool(); });
  return archive;
}

void Archive::Connect() {
  if (postgres_ != nullptr) postgres_->Connect();
}

void Archive::ShowConnection(observe::HealthRegistry& health) const {
  if (postgres_ != nullptr) ShowHealth(health, "postgres", postgres_->Health());
}

void Archive::Retain(const std::stop_token& stop) {
  if (retention_days_ == 0) return;
  Duration wait = Duration::zero();
  while (clock_.SleepFor(wait, stop)) {
    const Status dropped =
        store_->DropBefore(clock_.Now() - std::chrono::hours(24) * retention_days_);
    if (!dropped.ok()) observe::log::Warning("archive", "not cleaned: " + dropped.message());
    wait = dropped.ok() ? kRetentionInterval : kRetryInterval;
  }
}

}  // namespace auditflow::services
