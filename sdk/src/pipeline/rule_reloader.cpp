#include "auditflow/pipeline/rule_reloader.hpp"

#include <algorithm>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "auditflow/correlate/correlator.hpp"
#include "auditflow/observe/logging.hpp"

namespace auditflow::pipeline {
namespace {

using sigma::Diagnostic;
using sigma::FileFingerprints;

constexpr std::string_view kComponent = "rules";
constexpr int kAttempts = 3;
// A sleep that only a request or the end is meant to break.
constexpr Duration kForever = std::chrono::hours(24);

FileFingerprints Look(const RuleReloaderOptions& options) {
  std::vector<std::filesystem::path> paths = options.paths;
  for (const auto* maps : {&options.package.logsource_maps, &options.package.taxonomies}) {
    paths.insert(paths.end(), maps->begin(), maps->end());
  }
  return sigma::FingerprintFiles(paths, options.package.limits);
}

/// File, code and message without digits: what an error keeps when lines are added above it, even
/// if its message names lines.
using ErrorKey = std::tuple<std::string, std::string, std::string>;

ErrorKey KeyOf(const Diagnostic& error) {
  std::string message = error.message;
  std::erase_if(message, [](char c) { return c >= '0' && c <= '9'; });
  return {error.location.file ? *error.location.file : std::string(), error.code,
          std::move(message)};
}

bool IsError(const Diagnostic& diagnostic) {
  return diagnostic.kind != sigma::DiagnosticKind::kWarning;
}

std::vector<const Diagnostic*> NewErrors(const RulePackage& before, const RulePackage& after) {
  std::multiset<ErrorKey> known;
  for (const Diagnostic& diagnostic : before.diagnostics) {
    if (IsError(diagnostic)) known.insert(KeyOf(diagnostic));
  }
  std::vector<const Diagnostic*> found;
  for (const Diagnostic& diagnostic : after.diagnostics) {
    if (!IsError(diagnostic)) continue;
    const auto same = known.find(KeyOf(diagnostic));
    if (same == known.end()) {
      found.push_back(&diagnostic);
    } else {
      known.erase(same);
    }
  }
  return found;
}

/// How many rules in use are not part of the program itself.
std::size_t FromFiles(const RulePackage& package) {
  const auto& detections = package.rules->rules.detections;
  const auto as_code = [](const sigma::DetectionRule& rule) { return rule.code != nullptr; };
  return package.rule_count() -
         static_cast<std::size_t>(std::count_if(detections.begin(), detections.end(), as_code));
}

/// Why `after` must not take the place of `before`, or OK.
Status Judge(const RulePackage& before, const RulePackage& after) {
  const std::vector<const Diagnostic*> errors = NewErrors(before, after);
  if (!errors.empty()) {
    const std::size_t others = errors.size() - 1;
    return InvalidArgument(errors.front()->ToString() +
                           (others > 0 ? " (and " + std::to_string(others) + " more)" : ""));
  }
  if (FromFiles(after) == 0 && (FromFiles(before) > 0 || after.rule_count() == 0)) {
    return InvalidArgument("no usable rule is left");
  }
  // Some faults of correlations show only when windows are planned.
  auto correlator = correlate::Correlator::Create(after.rules, {}, {});
  return correlator ? Status() : correlator.error();
}

/// What health says of rules in use.
std::string Remark(const RulePackage& rules) {
  const auto errors = std::count_if(rules.diagnostics.begin(), rules.diagnostics.end(), IsError);
  std::string remark = std::to_string(rules.rule_count()) + " rules";
  if (errors > 0) remark += "; errors in the files: " + std::to_string(errors);
  return remark;
}

/// How many files of `after` are not, or not the same, in `before`.
std::size_t CountNews(const FileFingerprints& before, const FileFingerprints& after) {
  return static_cast<std::size_t>(std::count_if(after.begin(), after.end(), [&](const auto& file) {
    const auto old = before.find(file.first);
    return old == before.end() || old->second != file.second;
  }));
}

std::size_t CountMissing(const FileFingerprints& before, const FileFingerprints& after) {
  return static_cast<std::size_t>(std::count_if(
      before.begin(), before.end(), [&](const auto& file) { return !after.contains(file.first); }));
}

}  // namespace

WatchedRules LoadWatchedRules(const RuleReloaderOptions& options) {
  WatchedRules rules;
  // First, so that a change in between is seen as one later.
  rules.files = Look(options);
  rules.package = LoadRulePackage(options.paths, options.package);
  return rules;
}

struct RuleReloader::Impl {
  Impl(RuleReloaderOptions reloader_options, WatchedRules first, Use take,
       observe::AnalysisMetrics& analysis_metrics, observe::HealthRegistry& registry,
       Clock& reloader_clock)
      : options(std::move(reloader_options)),
        use(std::move(take)),
        metrics(analysis_metrics),
        health(registry),
        clock(reloader_clock),
        active(std::move(first)),
        seen(active.files),
        settled(active.files) {
    health.Register(kComponent, observe::Criticality::kInformational);
    health.Set(kComponent, true, Remark(*active.package));
  }

  Status Poll() {
    const std::scoped_lock lock(mutex);
    FileFingerprints files = Look(options);
    const bool still = files == seen;
    seen = std::move(files);
    if (!still || seen == settled) return {};
    if (seen == active.files) {
      Revert();
      return {};
    }
    const Status status = Load();
    // Half of a change was read; the next look finds the rest.
    return status.code() == StatusCode::kUnavailable ? Status() : status;
  }

  Status Reload() {
    const std::scoped_lock lock(mutex);
    Status status;
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
      seen = Look(options);
      status = Load();
      if (status.code() != StatusCode::kUnavailable) return status;
    }
    Refuse(status);
    return status;
  }

  /// Loads what was `seen`. @return kUnavailable, and nothing is done, if that has changed since.
  Status Load() {
    std::shared_ptr<const RulePackage> package = LoadRulePackage(options.paths, options.package);
    FileFingerprints files = Look(options);
    if (files != seen) {
      seen = std::move(files);
      return Unavailable("the rule files change while they are read");
    }
    settled = seen;
    Status status = Judge(*active.package, *package);
    if (status.ok()) {
      Accept(std::move(package));
    } else {
      Refuse(status);
    }
    return status;
  }

  void Accept(std::shared_ptr<const RulePackage> package) {
    use(package);
    metrics.reload_success.Increment();
    health.Set(kComponent, true, Remark(*package));
    observe::log::Info(kComponent, "rules reloaded",
                       {{"rules", package->rule_count()},
                        {"files", package->files},
                        {"files_new_or_changed", CountNews(active.files, seen)},
                        {"files_gone", CountMissing(active.files, seen)}});
    active = {std::move(package), seen};
  }

  void Refuse(const Status& reason) {
    metrics.reload_failure.Increment();
    const std::string remark = "the rules from before stay in use: " + reason.message();
    health.Set(kComponent, false, remark);
    observe::log::Error(
        kComponent, "rules not reloaded",
        {{"reason", reason.message()}, {"rules_in_use", active.package->rule_count()}});
  }

  /// The files hold again what is in use.
  void Revert() {
    settled = seen;
    if (health.Set(kComponent, true, Remark(*active.package))) {
      observe::log::Info(kComponent, "the rule files are again those in use");
    }
  }

  bool TakeRequest() {
    const std::scoped_lock lock(request_mutex);
    return std::exchange(requested, false);
  }

  void Sleep(const std::stop_token& stop) {
    const auto waker = std::make_shared<std::stop_source>();
    {
      const std::scoped_lock lock(request_mutex);
      if (requested) return;
      wake = waker;
    }
    const std::stop_callback at_end(stop, [&waker] { waker->request_stop(); });
    const bool polls = options.interval > Duration::zero();
    clock.SleepFor(polls ? options.interval : kForever, waker->get_token());
  }

  const RuleReloaderOptions options;
  const Use use;
  observe::AnalysisMetrics& metrics;
  observe::HealthRegistry& health;
  Clock& clock;

  std::mutex mutex;  // of what follows
  WatchedRules active;
  FileFingerprints seen;     // by the last look
  FileFingerprints settled;  // what was last taken up or refused

  std::mutex request_mutex;  // of what follows
  bool requested = false;
  std::shared_ptr<std::stop_source> wake;  // null before the first sleep
};

RuleReloader::RuleReloader(RuleReloaderOptions options, WatchedRules active, Use use,
                           observe::AnalysisMetrics& metrics, observe::HealthRegistry& health,
                           Clock& clock)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(active), std::move(use), metrics,
                                   health, clock)) {}
RuleReloader::~RuleReloader() = default;

Status RuleReloader::Poll() { return impl_->Poll(); }
Status RuleReloader::Reload() { return impl_->Reload(); }

void RuleReloader::RequestReload() {
  const std::scoped_lock lock(impl_->request_mutex);
  impl_->requested = true;
  if (impl_->wake) impl_->wake->request_stop();
}

void RuleReloader::Run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    if (impl_->TakeRequest()) {
      (void)Reload();
    } else if (impl_->options.interval > Duration::zero()) {
      (void)Poll();
    }
    impl_->Sleep(stop);
  }
}

}  // namespace auditflow::pipeline
