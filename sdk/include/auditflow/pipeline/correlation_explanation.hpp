#pragma once

#include <cstdint>
#include <vector>

#include "auditflow/core/result.hpp"
#include "auditflow/correlate/event_fields.hpp"
#include "auditflow/event/event.hpp"
#include "auditflow/match/explain.hpp"
#include "auditflow/pipeline/rule_package.hpp"
#include "auditflow/sigma/link.hpp"

namespace auditflow::pipeline {

/// What one rule that a correlation refers to makes of an event.
struct ExplainedReference {
  sigma::RuleRef rule;
  /// A detection matches the event; of a correlation, whether any of its own references does, so
  /// that the event may count for it.
  bool matches = false;
  correlate::EventFields fields;               ///< what the correlation takes from such an event
  std::vector<ExplainedReference> references;  ///< of a correlation
};

/// How one event stands to a correlation: which of the referenced rules it matches, and into which
/// group it falls. Windows are not evaluated: one event says nothing about the others.
///
/// `correlation` is an index into `package.rules->rules.correlations`; `explainer` is about `event`
/// and the package's rules.
std::vector<ExplainedReference> ExplainReferences(const RulePackage& package,
                                                  std::uint32_t correlation,
                                                  const match::Explainer& explainer,
                                                  const event::Event& event);

}  // namespace auditflow::pipeline
