#pragma once

#include <memory>
#include <optional>

#include "auditflow/alert/alert_template.hpp"
#include "auditflow/sigma/document.hpp"

namespace auditflow::pipeline {

/// A rule whose condition is C++, registered in `RulePackageOptions::code_rules`.
///
///     CodeRule rule;
///     rule.document.metadata.title = "Login outside office hours";
///     rule.document.metadata.name = "odd_hours";
///     rule.document.logsource.product = "auditflow";
///     rule.document.code = MakeRuleCode([](const event::Event& event) { … });
///
/// It is a detection rule like any other: correlations name it by id or name, filters apply to it,
/// it is routed by its logsource (without one it sees every event), makes alerts, is counted, and
/// is there again after each reload. If its document has Sigma conditions, too, the code is asked
/// only where they hold.
///
/// The code
/// - is called by the thread that evaluates the event, and holds up its batch. Detectors over the
///   same package or options share it: with several of them it is called by several threads at
///   once, and has to be thread-safe.
/// - may see an event more than once: a batch that could not be finished is evaluated again.
///   Memory of earlier events is therefore better left to a correlation.
/// - must not keep the event or views into it.
/// - may throw. Then the rule does not match; it is counted and logged, and the event goes on.
struct CodeRule {
  /// A title and `code` are required. With no conditions the code alone decides.
  sigma::DetectionRule document;
  /// What its alerts say; nothing: what the metadata says. See `AlertTemplateOf`.
  std::optional<alert::AlertTemplate> alert;
};

std::shared_ptr<const sigma::RuleCode> MakeRuleCode(sigma::RuleCode code);

/// What alerts of a rule say by its Sigma metadata, `auditflow:` included, as a start for
/// `CodeRule::alert`.
alert::AlertTemplate AlertTemplateOf(const sigma::Metadata& metadata);

}  // namespace auditflow::pipeline
