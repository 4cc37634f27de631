#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "auditflow/event/event.hpp"
#include "auditflow/match/rule_set.hpp"
#include "auditflow/sigma/link.hpp"

namespace auditflow::match {

/// Asks the rules as code, after the `Matcher` has seen to what they have in Sigma: logsource,
/// conditions and filters.
///
///     matches = runner.Run(event, matcher.Match(event));
///
/// Code that throws does not match; the other rules are not disturbed.
/// Thread safety: thread-compatible; one per thread. Runners over the same rules share their code.
class CodeRunner {
 public:
  /// `rule` threw; `reason` is what the exception says, valid for the call. Must not throw.
  using OnFailure = std::function<void(RuleIndex rule, std::string_view reason)>;

  /// `rules`: those that the matcher's rule set was compiled from.
  explicit CodeRunner(std::shared_ptr<const sigma::LinkedRules> rules, OnFailure on_failure = {});

  /// `matches` without the rules whose code does not agree, in the same order. The span is valid
  /// until the next call, and no longer than `matches` is.
  std::span<const RuleIndex> Run(const event::Event& event, std::span<const RuleIndex> matches);

 private:
  [[nodiscard]] bool Agrees(const event::Event& event, RuleIndex rule) const;

  std::shared_ptr<const sigma::LinkedRules> rules_;
  OnFailure on_failure_;
  bool any_code_ = false;
  std::vector<RuleIndex> kept_;
};

}  // namespace auditflow::match
