#include "tests/conformance/check_case.hpp"

#include <algorithm>
#include <iterator>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "auditflow/core/random.hpp"
#include "auditflow/event/audit_event.hpp"
#include "auditflow/pipeline/detector.hpp"
#include "auditflow/pipeline/rule_package.hpp"
#include "auditflow/sigma/loader.hpp"

#include "tests/conformance/engines.hpp"

namespace auditflow::conformance {
namespace {

using correlate::CorrelationHit;
using correlate::Correlator;
using match::RuleIndex;

constexpr std::string_view kFileName = "rule.yml";

/// A hit as the case states it: the correlation, and the event it was met at by its id, because
/// the same event may have come twice.
using NamedHits = std::multiset<std::pair<std::string, std::string>>;

std::string LowerCase(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

bool Says(const sigma::Diagnostic& diagnostic, const std::string& wanted) {
  return LowerCase(diagnostic.code + ": " + diagnostic.message).find(LowerCase(wanted)) !=
         std::string::npos;
}

/// The case's rules, loaded and linked, and its events, parsed.
struct Loaded {
  std::shared_ptr<const sigma::LinkedRules> rules;
  std::vector<sigma::Diagnostic> diagnostics;
  std::vector<event::Event> events;
  std::vector<event::Identity> identities;

  [[nodiscard]] const sigma::RuleCollection& collection() const { return rules->rules; }
  [[nodiscard]] std::string CorrelationName(std::size_t index) const {
    const sigma::Metadata& metadata = collection().correlations[index].metadata;
    return metadata.name.empty() ? metadata.title : metadata.name;
  }
};

void Append(std::vector<sigma::Diagnostic>& all, const std::vector<sigma::Diagnostic>& more) {
  all.insert(all.end(), more.begin(), more.end());
}

Loaded Load(const Case& test) {
  Loaded loaded;
  sigma::LoadResult read = sigma::LoadText(test.rule, std::string(kFileName));
  sigma::LinkResult link = sigma::Link(std::move(read.rules), test.options.link);
  loaded.diagnostics = std::move(read.diagnostics);
  Append(loaded.diagnostics, link.diagnostics);
  loaded.rules = std::make_shared<const sigma::LinkedRules>(std::move(link.linked));
  event::EventParser parser;
  for (const CaseEvent& entry : test.events) {
    auto event = parser.Parse(entry.json);
    if (!event) {
      ADD_FAILURE() << entry.json << ": " << event.error().ToString();
      continue;
    }
    loaded.identities.push_back(event::IdentityOf(*event));
    loaded.events.push_back(std::move(*event));
  }
  return loaded;
}

/// What there is to say once the engine and, if need be, the correlator have seen the rules, too.
std::vector<sigma::Diagnostic> AllDiagnostics(const Case& test, const Loaded& loaded,
                                              const Engine& engine) {
  std::vector<sigma::Diagnostic> all = loaded.diagnostics;
  Append(all, engine.diagnostics());
  const auto correlator = Correlator::Create(loaded.rules, nullptr, test.options.correlation);
  if (!correlator) {
    all.push_back(
        {sigma::DiagnosticKind::kInvalid, {}, "correlator", correlator.error().ToString()});
  }
  return all;
}

std::string Report(const std::vector<sigma::Diagnostic>& diagnostics) {
  std::string report;
  for (const auto& diagnostic : diagnostics) report += diagnostic.ToString() + "\n";
  return report;
}

void CheckDiagnostics(const Case& test, const std::vector<sigma::Diagnostic>& diagnostics) {
  const auto said = [&](const std::string& wanted, bool as_warning) {
    return std::any_of(diagnostics.begin(), diagnostics.end(), [&](const auto& diagnostic) {
      return (diagnostic.kind == sigma::DiagnosticKind::kWarning) == as_warning &&
             Says(diagnostic, wanted);
    });
  };
  if (!test.error.empty()) {
    EXPECT_TRUE(said(test.error, false)) << "wanted error: " << test.error << "\n"
                                         << Report(diagnostics);
    return;
  }
  EXPECT_FALSE(sigma::HasErrors(diagnostics)) << Report(diagnostics);
  if (!test.warning.empty()) {
    EXPECT_TRUE(said(test.warning, true)) << "wanted warning: " << test.warning << "\n"
                                          << Report(diagnostics);
  }
}

void CheckMatches(const CaseEvent& expected, const Loaded& loaded,
                  const std::vector<RuleIndex>& matches) {
  const auto& detections = loaded.collection().detections;
  if (expected.last_rule_matches) {
    ASSERT_FALSE(detections.empty());
    const auto last = static_cast<RuleIndex>(detections.size() - 1);
    EXPECT_EQ(std::count(matches.begin(), matches.end(), last) > 0, *expected.last_rule_matches);
  }
  if (expected.matching_titles) {
    std::vector<std::string> titles;
    for (const RuleIndex rule : matches) titles.push_back(detections[rule].metadata.title);
    EXPECT_THAT(titles, testing::UnorderedElementsAreArray(*expected.matching_titles));
  }
}

NamedHits ExpectedHits(const Case& test, const Loaded& loaded) {
  NamedHits hits;
  for (const CaseHit& hit : *test.hits) {
    if (hit.event >= loaded.identities.size()) {
      ADD_FAILURE() << "hit at an event that is not there: " << hit.event;
      continue;
    }
    hits.emplace(hit.rule, loaded.identities[hit.event].id.ToString());
  }
  return hits;
}

void Collect(const Result<std::vector<CorrelationHit>>& hits, const Loaded& loaded,
             NamedHits& named) {
  ASSERT_TRUE(hits.has_value()) << hits.error().ToString();
  for (const CorrelationHit& hit : *hits) {
    if (hit.output) named.emplace(loaded.CorrelationName(hit.correlation), hit.event_id.ToString());
  }
}

/// What the correlator reports of the events in the given order.
NamedHits Correlate(const Loaded& loaded, const std::vector<std::vector<RuleIndex>>& matches,
                    const std::vector<std::size_t>& order,
                    const correlate::CorrelatorOptions& options) {
  NamedHits named;
  auto correlator = Correlator::Create(loaded.rules, nullptr, options);
  if (!correlator) {
    ADD_FAILURE() << correlator.error().ToString();
    return named;
  }
  std::vector<correlate::Observation> batch;
  for (const std::size_t i : order) {
    const event::Identity& identity = loaded.identities[i];
    batch.push_back({&loaded.events[i], identity.id, identity.time.value_or(Timestamp()),
                     Timestamp(), matches[i]});
  }
  Collect((*correlator)->Observe(batch), loaded, named);
  Collect((*correlator)->Release(correlate::kEndOfInput), loaded, named);
  return named;
}

/// Feeds the events to the whole detector, one at a time, and sorts its alerts into matches of
/// detections, by event, and hits.
class DetectorRun {
 public:
  DetectorRun(const Case& test, const Loaded& loaded) : test_(test), loaded_(loaded) {
    pipeline::RulePackageOptions options;
    options.link = test.options.link;
    options.compile = test.options.compile;
    package_ =
        pipeline::BuildRulePackage(sigma::LoadText(test.rule, std::string(kFileName)), options);
    pipeline::DetectorOptions detector_options;
    detector_options.correlation = test.options.correlation;
    detector_options.allowed_lateness = test.options.correlation.allowed_lateness;
    auto detector = pipeline::Detector::Create(package_, detector_options, ClockOf(loaded));
    EXPECT_TRUE(detector.has_value()) << detector.error().ToString();
    if (detector) detector_ = std::move(*detector);
  }

  void Check() {
    if (detector_ == nullptr) return;
    for (std::size_t i = 0; i < loaded_.events.size(); ++i) {
      const pipeline::DetectorInput input{&loaded_.events[i], loaded_.identities[i]};
      Sort(detector_->Detect({&input, 1}));
      if (const auto& expected = test_.events[i].output_titles) {
        SCOPED_TRACE(test_.events[i].json);
        EXPECT_THAT(outputs_, testing::UnorderedElementsAreArray(*expected));
      }
      outputs_.clear();
    }
    Sort(detector_->Flush());
    if (test_.hits) {
      EXPECT_EQ(hits_, ExpectedHits(test_, loaded_)) << "by the detector";
    }
  }

 private:
  /// Every event is in the past, or the guard against wrong clocks would hold it back.
  const Clock& ClockOf(const Loaded& loaded) {
    Timestamp latest;
    for (const auto& identity : loaded.identities) {
      latest = std::max(latest, identity.time.value_or(Timestamp()));
    }
    clock_.SetNow(latest);
    return clock_;
  }

  void Sort(const Result<std::vector<pipeline::DetectedAlert>>& alerts) {
    ASSERT_TRUE(alerts.has_value()) << alerts.error().ToString();
    const auto& correlations = package_->correlation_alerts;
    const auto& detections = package_->detection_alerts;
    for (const pipeline::DetectedAlert& detected : *alerts) {
      const alert::AlertTemplate* const rule = detected.rule;
      const auto in = [rule](const auto& rules) {
        return !rules.empty() && rule >= rules.data() && rule < rules.data() + rules.size();
      };
      ASSERT_TRUE(in(correlations) || in(detections));
      if (in(correlations)) {
        const auto index = static_cast<std::size_t>(rule - correlations.data());
        hits_.emplace(loaded_.CorrelationName(index), detected.alert.correlation_id.ToString());
      } else {
        const auto index = static_cast<std::size_t>(rule - detections.data());
        outputs_.push_back(loaded_.collection().detections[index].metadata.title);
      }
    }
  }

  const Case& test_;
  const Loaded& loaded_;
  ManualClock clock_;
  std::shared_ptr<const pipeline::RulePackage> package_;
  std::unique_ptr<pipeline::Detector> detector_;
  std::vector<std::string> outputs_;
  NamedHits hits_;
};

/// Orders of arrival that must not make a difference.
class Permutations {
 public:
  Permutations(const Case& test, const Loaded& loaded) : loaded_(loaded) {
    for (const event::Identity& identity : loaded.identities) {
      times_.push_back(identity.time.value_or(Timestamp()));
    }
    const auto& correlations = loaded.collection().correlations;
    keeps_ties_ = std::any_of(correlations.begin(), correlations.end(), [](const auto& rule) {
      return rule.type == sigma::CorrelationType::kTemporalOrdered;
    });
    const auto [first, last] = std::minmax_element(times_.begin(), times_.end());
    spread_ = times_.empty() ? Duration(0) : *last - *first;
    const Duration lateness = test.options.correlation.allowed_lateness;
    apply_ =
        lateness > Duration(0) ? spread_ <= lateness : std::is_sorted(times_.begin(), times_.end());
  }

  /// Whether the expectation is one for every order: the case allows its events to come this late,
  /// or they came in order, so that waiting for late ones changes nothing.
  [[nodiscard]] bool apply() const { return apply_ && times_.size() > 1; }
  [[nodiscard]] Duration spread() const { return spread_; }

  /// Events at one time keep their order where an ordered correlation looks at it, and so do the
  /// copies of one event, the first of which counts.
  std::vector<std::size_t> Shuffled(RandomSource& random) const {
    std::vector<std::size_t> order(times_.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    for (std::size_t i = order.size(); i > 1; --i) {
      std::swap(order[i - 1], order[static_cast<std::size_t>(random.Below(i))]);
    }
    for (std::size_t a = 0; a < order.size(); ++a) {
      for (std::size_t b = a + 1; b < order.size(); ++b) {
        if (order[a] > order[b] && IsTied(order[a], order[b])) std::swap(order[a], order[b]);
      }
    }
    return order;
  }

 private:
  [[nodiscard]] bool IsTied(std::size_t a, std::size_t b) const {
    return loaded_.identities[a].id == loaded_.identities[b].id ||
           (keeps_ties_ && times_[a] == times_[b]);
  }

  const Loaded& loaded_;
  std::vector<Timestamp> times_;
  Duration spread_{0};
  bool keeps_ties_ = false;
  bool apply_ = false;
};

std::string ToText(const std::vector<std::size_t>& order) {
  std::string text;
  for (const std::size_t i : order) text += " " + std::to_string(i);
  return text;
}

void CheckPermutations(const Case& test, const Loaded& loaded,
                       const std::vector<std::vector<RuleIndex>>& matches) {
  constexpr int kOrders = 10;
  const Permutations permutations(test, loaded);
  if (!permutations.apply()) return;
  correlate::CorrelatorOptions options = test.options.correlation;
  // Not zero, which would have equal times evaluated as they arrive.
  options.allowed_lateness =
      std::max({options.allowed_lateness, permutations.spread(), Duration(1)});
  const NamedHits expected = ExpectedHits(test, loaded);
  const auto random = SeededRandom(test.line);
  for (int i = 0; i < kOrders; ++i) {
    const std::vector<std::size_t> order = permutations.Shuffled(*random);
    ASSERT_EQ(Correlate(loaded, matches, order, options), expected)
        << "in the order" << ToText(order) << " under a lateness of "
        << FormatDuration(options.allowed_lateness);
  }
}

void CheckHits(const Case& test, const Loaded& loaded,
               const std::vector<std::vector<RuleIndex>>& matches) {
  std::vector<std::size_t> as_given(matches.size());
  for (std::size_t i = 0; i < as_given.size(); ++i) as_given[i] = i;
  EXPECT_EQ(Correlate(loaded, matches, as_given, test.options.correlation),
            ExpectedHits(test, loaded))
      << "by the correlator";
  CheckPermutations(test, loaded, matches);
}

}  // namespace

void CheckCase(const Case& test) {
  SCOPED_TRACE(test.rule);
  const Loaded loaded = Load(test);
  std::vector<std::vector<RuleIndex>> matches;
  for (const auto& engine : AllEngines(*loaded.rules, test.options.compile)) {
    SCOPED_TRACE(engine->name());
    CheckDiagnostics(test, AllDiagnostics(test, loaded, *engine));
    matches.clear();
    for (std::size_t i = 0; i < loaded.events.size(); ++i) {
      SCOPED_TRACE(test.events[i].json);
      matches.push_back(engine->Match(loaded.events[i]));
      CheckMatches(test.events[i], loaded, matches.back());
    }
  }
  if (!test.error.empty() || testing::Test::HasFailure()) return;
  DetectorRun(test, loaded).Check();
  if (test.hits) CheckHits(test, loaded, matches);
}

}  // namespace auditflow::conformance
