#include "auditflow/pipeline/scanner.hpp"

#include <algorithm>
#include <chrono>
#include <limits>
#include <span>
#include <utility>

#include "auditflow/correlate/window_store.hpp"
#include "auditflow/match/code_runner.hpp"
#include "auditflow/match/matcher.hpp"

#include "src/pipeline/code_failures.hpp"
#include "src/pipeline/position_memory.hpp"

namespace auditflow::pipeline {
namespace {

/// Per detection rule, whether a correlation counts its matches.
std::vector<bool> FeedsCorrelation(const sigma::LinkedRules& rules) {
  std::vector<bool> feeds(rules.rules.detections.size(), false);
  for (const auto& references : rules.references_of) {
    for (const sigma::RuleRef& reference : references) {
      if (reference.kind == sigma::RuleRef::Kind::kDetection) feeds[reference.index] = true;
    }
  }
  return feeds;
}

}  // namespace

struct Scanner::Impl {
  Impl(std::shared_ptr<const RulePackage> package, const ScannerOptions& scanner_options)
      : rules(std::move(package)),
        options(scanner_options),
        matcher(rules->rule_set),
        code(rules->rules,
             [this](match::RuleIndex rule, std::string_view why) {
               ++statistics.code_failures;
               code_failures.Add(rules->detection_alerts[rule].rule_id, why);
             }),
        feeds(FeedsCorrelation(*rules->rules)),
        positions(scanner_options.remembered_positions) {}

  void VisitMatches(std::span<const match::RuleIndex> matches, Finding finding,
                    const Visitor& visit) const {
    for (const match::RuleIndex rule : matches) {
      if (!rules->rules->detection_outputs[rule]) continue;
      finding.metadata = &rules->rules->rules.detections[rule].metadata;
      finding.rule_id = rules->detection_alerts[rule].rule_id;
      visit(finding);
    }
  }

  Status Correlate(const Finding& finding, std::span<const match::RuleIndex> matches,
                   const Visitor& visit) {
    const auto feeding = [&](match::RuleIndex rule) { return feeds[rule]; };
    if (std::none_of(matches.begin(), matches.end(), feeding)) return {};
    if (!finding.identity.time) {
      ++statistics.without_time;
      return {};
    }
    if (Status status = ReleaseUpTo(*finding.identity.time, visit); !status.ok()) return status;
    positions.Remember(finding.identity.id, *finding.position);
    const correlate::Observation observation{finding.event, finding.identity.id,
                                             *finding.identity.time, newest, matches};
    return VisitHits(correlator->Observe({&observation, 1}), visit);
  }

  /// Recorded events have no clock but their own: an event arrives at the newest time so far. What
  /// waits in a group that is silent since must be evaluated in step with the others, or what it
  /// means to a correlation above comes too late.
  Status ReleaseUpTo(Timestamp time, const Visitor& visit) {
    newest = std::max(newest, time);
    if (newest - released < options.allowed_lateness / correlate::kReleasesPerLateness) return {};
    released = newest;
    return VisitHits(correlator->Release(newest), visit);
  }

  /// A hit comes with its trigger's bytes, for the event itself may be long gone.
  Status VisitHits(const Result<std::vector<correlate::CorrelationHit>>& hits,
                   const Visitor& visit) {
    if (!hits) return hits.error();
    for (const correlate::CorrelationHit& hit : *hits) {
      if (!hit.output) continue;
      if (Status status = parser.ParseInto(hit.payload, trigger); !status.ok()) return status;
      Finding finding;
      finding.metadata = &rules->rules->rules.correlations[hit.correlation].metadata;
      finding.rule_id = rules->correlation_alerts[hit.correlation].rule_id;
      finding.event = &trigger;
      finding.identity = event::IdentityOf(trigger, options.identity);
      finding.position = positions.Find(hit.event_id);
      finding.hit = &hit;
      for (const Uuid& id : hit.contributors) finding.contributors.push_back(positions.Find(id));
      visit(finding);
    }
    return {};
  }

  std::shared_ptr<const RulePackage> rules;
  ScannerOptions options;
  match::Matcher matcher;
  match::CodeRunner code;
  CodeFailures code_failures{std::chrono::minutes(1)};
  std::vector<bool> feeds;
  PositionMemory positions;
  std::unique_ptr<correlate::Correlator> correlator;
  Timestamp newest = Timestamp::FromUnixNanos(std::numeric_limits<std::int64_t>::min());
  Timestamp released = newest;
  ScannerStatistics statistics;
  event::EventParser parser{{.max_bytes = std::numeric_limits<std::uint32_t>::max()}};
  event::Event trigger;
};

Scanner::Scanner(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Scanner::~Scanner() = default;

Result<std::unique_ptr<Scanner>> Scanner::Create(std::shared_ptr<const RulePackage> rules,
                                                 const ScannerOptions& options) {
  auto impl = std::make_unique<Impl>(std::move(rules), options);
  const auto store = [&options](std::vector<correlate::WindowSpec> specs) {
    return correlate::NewInMemoryWindowStore(std::move(specs), options.allowed_lateness,
                                             options.limits);
  };
  auto correlator = correlate::Correlator::Create(impl->rules->rules, store);
  if (!correlator) return Error(correlator.error());
  impl->correlator = std::move(*correlator);
  return std::unique_ptr<Scanner>(new Scanner(std::move(impl)));
}

Status Scanner::Scan(const event::Event& event, const EventPosition& position,
                     const Visitor& visit) {
  Impl& impl = *impl_;
  ++impl.statistics.events;
  const std::span<const match::RuleIndex> matches = impl.code.Run(event, impl.matcher.Match(event));
  if (matches.empty()) return {};
  ++impl.statistics.matched_events;
  Finding finding;
  finding.event = &event;
  finding.identity = event::IdentityOf(event, impl.options.identity);
  finding.position = position;
  impl.VisitMatches(matches, finding, visit);
  return impl.Correlate(finding, matches, visit);
}

Status Scanner::Finish(const Visitor& visit) {
  return impl_->VisitHits(impl_->correlator->Release(correlate::kEndOfInput), visit);
}

ScannerStatistics Scanner::Statistics() const {
  ScannerStatistics statistics = impl_->statistics;
  statistics.correlation = impl_->correlator->Statistics();
  return statistics;
}

}  // namespace auditflow::pipeline
