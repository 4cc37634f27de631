#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>

#include "auditflow/core/clock.hpp"
#include "auditflow/event/event.hpp"
#include "auditflow/match/rule_set.hpp"
#include "auditflow/sigma/link.hpp"

namespace auditflow::match {

/// Measures what single rules cost, apart from the set that they are in.
///
/// In a set rules share almost all of their work, so the time that one of them takes there is no
/// quantity. What is measured is the rule alone: the time that a set of it runs the events through,
/// with the documents of the logsource map that concern it, less the time that the same takes
/// without the rule. The sum over all rules is more than the set takes.
///
/// Thread safety: reentrant; `clock` is called twice per measurement and set.
class RuleCost {
 public:
  struct Measurement {
    Duration taken{0};        ///< for all of the events together, at least zero
    std::size_t matches = 0;  ///< of the events, by the rule alone: as in its set
  };

  /// `options`: as the rules were compiled with.
  RuleCost(std::shared_ptr<const sigma::LinkedRules> rules, CompileOptions options);

  /// Takes as long as compiling the rule and matching the events twice.
  /// @return nothing if the rule cannot be compiled, or is none.
  [[nodiscard]] std::optional<Measurement> Measure(RuleIndex rule,
                                                   std::span<const event::Event* const> events,
                                                   const Clock& clock) const;

 private:
  [[nodiscard]] sigma::LinkedRules Alone(RuleIndex rule) const;
  [[nodiscard]] CompileOptions OptionsFor(const sigma::LogSource& logsource) const;

  std::shared_ptr<const sigma::LinkedRules> rules_;
  CompileOptions options_;
};

}  // namespace auditflow::match
