#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <stop_token>
#include <vector>

#include "auditflow/core/clock.hpp"
#include "auditflow/core/status.hpp"
#include "auditflow/observe/health.hpp"
#include "auditflow/observe/pipeline_metrics.hpp"
#include "auditflow/pipeline/rule_package.hpp"
#include "auditflow/sigma/loader.hpp"

namespace auditflow::pipeline {

struct RuleReloaderOptions {
  std::vector<std::filesystem::path> paths;  ///< as for `LoadRulePackage`
  RulePackageOptions package;                ///< its logsource maps are watched, too
  /// Between two looks at the files. Zero: only when asked to.
  Duration interval = std::chrono::seconds(2);
};

/// Rules and what their files held when they were read.
struct WatchedRules {
  std::shared_ptr<const RulePackage> package;
  sigma::FileFingerprints files;
};

/// The first load, by the caller's measure of what is good enough to start with.
WatchedRules LoadWatchedRules(const RuleReloaderOptions& options);

/// Keeps the rules of a running program up to date with their files.
///
/// Files are compared by what they hold, so it makes no difference how a change comes about: an
/// editor, a checkout, a network file system, a ConfigMap whose symbolic link is turned. A change
/// is taken up once two looks in a row see the same.
///
/// A set is refused, and the one before stays in use, if no rule in it can be used, or if it has an
/// error that the set in use does not have (same file, same message; lines may move). Errors that
/// were accepted at the start are thus no obstacle later.
///
/// Says how it went in the informational health component "rules", in
/// `auditflow_rule_reloads_total` and in the log.
///
/// Thread safety: thread-safe; `Run` by one thread. The collaborators must outlive it.
class RuleReloader {
 public:
  /// Takes over a new set, e.g. `Analyzer::UseRules`. Called by the thread that loaded it.
  using Use = std::function<void(std::shared_ptr<const RulePackage>)>;

  RuleReloader(RuleReloaderOptions options, WatchedRules active, Use use,
               observe::AnalysisMetrics& metrics, observe::HealthRegistry& health,
               Clock& clock = SystemClock());
  ~RuleReloader();

  /// Looks at the files every `interval` and reloads when they have changed or when it is asked
  /// to, until `stop`.
  void Run(const std::stop_token& stop);

  /// One look; what `Run` repeats. @return why a changed set was refused.
  Status Poll();

  /// Loads now, in the calling thread, whether anything has changed or not.
  /// @return why the set was refused; kUnavailable if the files do not keep still.
  Status Reload();

  /// Has `Run` reload soon. Returns at once.
  void RequestReload();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace auditflow::pipeline
