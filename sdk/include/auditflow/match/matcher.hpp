#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "auditflow/event/event.hpp"
#include "auditflow/match/rule_set.hpp"

namespace auditflow::match {

/// Runs events through a `RuleSet`.
///
/// Holds the scratch memory of one thread and allocates nothing per event once it has seen a few.
/// Thread safety: thread-compatible; one per thread over one shared set.
class Matcher {
 public:
  explicit Matcher(std::shared_ptr<const RuleSet> rule_set);
  ~Matcher();
  Matcher(Matcher&&) noexcept;
  Matcher& operator=(Matcher&&) noexcept;

  /// The rules that match, ascending. The span is valid until the next call.
  std::span<const RuleIndex> Match(const event::Event& event);

  /// Where rules find the field if not under its own name, or other values than it has there: the
  /// first value, scalar if there is one. It is valid until the next call. Only for fields that
  /// rules and correlations of the set ask about; nothing if `event::ForEachAt` finds what rules
  /// see.
  std::optional<event::Value> MappedValue(const event::Event& event, std::string_view field);

  [[nodiscard]] const std::shared_ptr<const RuleSet>& rule_set() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace auditflow::match
