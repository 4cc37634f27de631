#include "auditflow/match/rule_cost.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "auditflow/match/matcher.hpp"

#include "src/match/router.hpp"

namespace auditflow::match {
namespace {

RuleCost::Measurement Run(const std::shared_ptr<const RuleSet>& rules,
                          std::span<const event::Event* const> events, const Clock& clock) {
  Matcher matcher(rules);
  RuleCost::Measurement run;
  const Duration start = clock.Monotonic();
  for (const event::Event* event : events) run.matches += matcher.Match(*event).size();
  run.taken = clock.Monotonic() - start;
  return run;
}

/// Whether events of the document's logsource may be asked by a rule of the other.
bool MayLeadTo(const LogsourceKey& rule, LogsourceKey document) {
  for (std::size_t part = 0; part < document.size(); ++part) {
    if (StatedField(document[part])) document[part] = rule[part];
  }
  return Applies(rule, document);
}

}  // namespace

RuleCost::RuleCost(std::shared_ptr<const sigma::LinkedRules> rules, CompileOptions options)
    : rules_(std::move(rules)), options_(std::move(options)) {}

sigma::LinkedRules RuleCost::Alone(RuleIndex rule) const {
  sigma::LinkedRules alone;
  alone.filter_mode = rules_->filter_mode;
  alone.rules.detections = {rules_->rules.detections[rule]};
  alone.detection_outputs = {true};
  alone.filters_of.emplace_back();
  if (rule >= rules_->filters_of.size()) return alone;
  for (const std::uint32_t filter : rules_->filters_of[rule]) {
    alone.filters_of[0].push_back(static_cast<std::uint32_t>(alone.rules.filters.size()));
    alone.rules.filters.push_back(rules_->rules.filters[filter]);
  }
  return alone;
}

CompileOptions RuleCost::OptionsFor(const sigma::LogSource& logsource) const {
  CompileOptions options = options_;
  if (options.logsource_map == nullptr) return options;
  const LogsourceKey wanted = KeyOf(logsource);
  auto map = std::make_shared<sigma::LinkedRules>();
  const auto& documents = options_.logsource_map->rules.detections;
  std::copy_if(documents.begin(), documents.end(), std::back_inserter(map->rules.detections),
               [&](const sigma::DetectionRule& document) {
                 return MayLeadTo(wanted, KeyOf(document.logsource));
               });
  options.logsource_map = std::move(map);
  return options;
}

std::optional<RuleCost::Measurement> RuleCost::Measure(RuleIndex rule,
                                                       std::span<const event::Event* const> events,
                                                       const Clock& clock) const {
  if (rule >= rules_->rules.detections.size()) return std::nullopt;
  const CompileOptions options = OptionsFor(rules_->rules.detections[rule].logsource);
  const CompileResult with = RuleSet::Compile(Alone(rule), options);
  if (!with.compiled.front()) return std::nullopt;
  const CompileResult without = RuleSet::Compile({}, options);
  const Duration base = Run(without.rule_set, events, clock).taken;
  Measurement measurement = Run(with.rule_set, events, clock);
  measurement.taken = std::max(measurement.taken - base, Duration{0});
  return measurement;
}

}  // namespace auditflow::match
