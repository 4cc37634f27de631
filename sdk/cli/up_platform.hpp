#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "auditflow/api/pages.hpp"
#include "auditflow/broker/in_process_broker.hpp"
#include "auditflow/core/result.hpp"
#include "auditflow/http/server.hpp"
#include "auditflow/observe/health.hpp"
#include "auditflow/observe/pipeline_metrics.hpp"
#include "auditflow/pipeline/alert_ingest.hpp"
#include "auditflow/pipeline/analyzer.hpp"
#include "auditflow/pipeline/event_feed.hpp"
#include "auditflow/pipeline/rule_reloader.hpp"
#include "auditflow/pipeline/worker.hpp"
#include "auditflow/store/sqlite_alert_store.hpp"

#include "cli/dead_letter_file.hpp"
#include "cli/up_options.hpp"
#include "cli/up_source.hpp"

namespace auditflow::cli {

/// What went through the platform, in messages.
struct UpSummary {
  std::uint64_t received = 0;
  std::uint64_t processed = 0;
  std::uint64_t duplicates = 0;
  std::uint64_t rejected = 0;
  std::uint64_t dead_letters = 0;
  std::uint64_t alerts_stored = 0;
  std::uint64_t alert_duplicates = 0;
  std::uint64_t alert_dead_letters = 0;
  std::uint64_t unfinished = 0;  ///< still queued when the deadline passed
  Duration elapsed{0};           ///< from the first event to the last alert's commit

  /// Every event that came in has an end.
  [[nodiscard]] bool balanced() const {
    return received == processed + duplicates + rejected + dead_letters;
  }
};

/// Source → queue → analysis → queue → store, and HTTP over the store: all of AuditFlow with the
/// queues of one process.
///
/// Thread safety: by one thread.
class Platform {
 public:
  /// @return what is wrong with the data folder, the rules, the input or the port; the message
  /// names the option that mends it.
  static Result<std::unique_ptr<Platform>> Create(
      const UpOptions& options, const pipeline::RuleReloaderOptions& watch,
      const pipeline::WatchedRules& rules, std::function<void(const alert::Alert&)> on_alert);
  /// Starts the threads and serves.
  void Start();
  ~Platform();
  Platform(const Platform&) = delete;
  Platform& operator=(const Platform&) = delete;

  /// Has the rules read again soon, changed or not.
  void ReloadRules() { reloader_->RequestReload(); }

  /// Has the source ended, or a limit been reached?
  [[nodiscard]] bool FeedEnded();

  /// Stops in the order of the data flow: the source, then the analysis once its queue is empty and
  /// the windows are flushed, then the store once all alerts are in it, then HTTP.
  /// @return kDeadlineExceeded if something was left over at `deadline`, or why the feed failed.
  Status Stop(Duration deadline);

  [[nodiscard]] std::uint16_t port() const { return server_->port(); }
  [[nodiscard]] const EventSource& source() const { return *source_; }
  [[nodiscard]] UpSummary Summary();

 private:
  Platform(const UpOptions& options, std::function<void(const alert::Alert&)> on_alert);

  Status OpenStore();
  Status OpenSource();
  Status BuildAnalysis(const pipeline::RuleReloaderOptions& watch,
                       const pipeline::WatchedRules& rules);
  Status Listen();
  [[nodiscard]] pipeline::EventFeedOptions FeedOptions() const;
  Status WaitUntilEmpty(const std::string& queue, Duration end) const;
  Status Drain(Duration end);
  [[nodiscard]] Status WithReasons(const Status& status) const;

  const UpOptions options_;
  const double rate_;  ///< events per second; 0: as fast as they are taken
  const std::function<void(const alert::Alert&)> on_alert_;
  Clock& clock_ = SystemClock();
  observe::Metrics registry_;
  observe::PipelineMetrics metrics_{registry_};
  observe::HealthRegistry health_;
  broker::InProcessBroker broker_;
  std::unique_ptr<store::SqliteAlertStore> store_;
  std::unique_ptr<EventSource> source_;
  std::unique_ptr<broker::Publisher> events_out_;
  std::unique_ptr<broker::Consumer> events_in_;
  std::unique_ptr<broker::Publisher> alerts_out_;
  std::unique_ptr<broker::Consumer> alerts_in_;
  std::unique_ptr<DeadLetterFile> dead_letters_;
  std::unique_ptr<pipeline::EventFeed> feed_;
  std::unique_ptr<pipeline::Analyzer> analyzer_;
  std::unique_ptr<pipeline::RuleReloader> reloader_;
  std::unique_ptr<pipeline::AlertIngest> ingest_;
  std::unique_ptr<http::HttpServer> server_;
  Duration started_{0};
  Duration finished_{0};
  Status feed_status_;
  // Last, so that they end before what they use.
  std::optional<pipeline::Worker> dead_letter_worker_;
  std::optional<pipeline::Worker> ingest_worker_;
  std::optional<pipeline::Worker> analyzer_worker_;
  std::optional<pipeline::Worker> reload_worker_;
  std::optional<pipeline::Worker> feed_worker_;
};

}  // namespace auditflow::cli
