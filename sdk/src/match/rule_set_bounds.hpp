#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "auditflow/match/rule_set.hpp"
#include "auditflow/sigma/document.hpp"

#include "src/match/expression.hpp"
#include "src/match/lower.hpp"
#include "src/match/regex_budget.hpp"

namespace auditflow::match {

/// Takes rules into a rule set only as long as that stays within its bounds: the memory of a set
/// grows with its questions, and with logsources times fields.
///
/// Thread safety: thread-compatible.
class RuleSetBounds {
 public:
  explicit RuleSetBounds(const CompileOptions& options) : options_(options) {}

  /// As `Lower`; also nothing if the set would become too large.
  std::optional<Expression> Take(const sigma::LinkedRules& rules, RuleIndex rule,
                                 std::vector<sigma::Diagnostic>& diagnostics);
  /// Whether there may be one logsource more than `known`; reports if not.
  bool AdmitLogsource(std::size_t known, const sigma::LogSource& logsource,
                      std::vector<sigma::Diagnostic>& diagnostics) const;

 private:
  void AddFields(const Expression& expression);

  const CompileOptions& options_;
  RegexBudget regexes_{options_.max_regex_bytes_of_all};
  std::size_t questions_ = 0;
  std::set<std::string, std::less<>> fields_;
};

}  // namespace auditflow::match
