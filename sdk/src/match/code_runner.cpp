#include "auditflow/match/code_runner.hpp"

#include <algorithm>
#include <exception>
#include <iterator>
#include <utility>

namespace auditflow::match {

CodeRunner::CodeRunner(std::shared_ptr<const sigma::LinkedRules> rules, OnFailure on_failure)
    : rules_(std::move(rules)), on_failure_(std::move(on_failure)) {
  const auto& detections = rules_->rules.detections;
  any_code_ = std::any_of(detections.begin(), detections.end(),
                          [](const sigma::DetectionRule& rule) { return rule.code != nullptr; });
}

std::span<const RuleIndex> CodeRunner::Run(const event::Event& event,
                                           std::span<const RuleIndex> matches) {
  if (!any_code_) return matches;
  kept_.clear();
  std::copy_if(matches.begin(), matches.end(), std::back_inserter(kept_),
               [&](RuleIndex rule) { return Agrees(event, rule); });
  return kept_;
}

bool CodeRunner::Agrees(const event::Event& event, RuleIndex rule) const {
  const sigma::RuleCode* code = rules_->rules.detections[rule].code.get();
  if (code == nullptr) return true;
  try {
    return (*code)(event);
  } catch (const std::exception& error) {
    if (on_failure_) on_failure_(rule, error.what());
  } catch (...) {
    if (on_failure_) on_failure_(rule, "an exception that is no std::exception");
  }
  return false;
}

}  // namespace auditflow::match
