#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

#include "auditflow/match/rule_set.hpp"
#include "auditflow/sigma/document.hpp"

#include "src/match/expression.hpp"
#include "src/match/regex_budget.hpp"

namespace auditflow::match {

using Detections = std::vector<std::pair<std::string, sigma::Detection>>;

/// The meaning of detections and conditions over one set of search identifiers: those of a rule, or
/// those of a filter, which sees only its own.
///
/// Lifetime: refers to what it is made from. Thread safety: thread-compatible.
class LowerScope {
 public:
  using Lowered = tl::expected<Expression, sigma::Diagnostic>;

  LowerScope(const Detections& detections, const CompileOptions& options,
             std::vector<sigma::Diagnostic>& diagnostics, RegexBudget* budget = nullptr)
      : detections_(detections), options_(options), diagnostics_(diagnostics), budget_(budget) {}

  /// What any of the conditions means.
  /// @return nothing, and the reason appended to the diagnostics, if that cannot be evaluated.
  std::optional<Expression> Run(const std::vector<sigma::Condition>& conditions);

  /// Prepares the search identifiers, which conditions refer to; reports every problem of every
  /// identifier, used or not.
  bool LowerDetections();
  /// One condition, or a part of one, by itself. Requires LowerDetections.
  Lowered Meaning(const sigma::Condition& condition) {
    used_nodes_ = 0;
    return LowerCondition(condition);
  }
  /// One part of an identifier's content by itself.
  std::optional<Expression> LowerDetection(const sigma::Detection& detection);

 private:
  struct Named {
    std::string_view name;
    Expression expression;
    std::size_t nodes = 0;
  };

  Lowered LowerCondition(const sigma::Condition& condition);
  std::optional<Expression> LowerOrReport(const sigma::DetectionItem& item);
  Lowered LowerWithinBounds(const sigma::DetectionItem& item);
  Lowered LowerOperator(const sigma::Condition& condition);
  Lowered LowerIdentifier(const sigma::Condition& condition);
  Lowered Use(const Named& named, const sigma::Condition& by);
  Lowered LowerSelector(const sigma::Condition& condition);
  Lowered LowerCombinations(const std::vector<const Named*>& selected, std::size_t quantity,
                            const sigma::Condition& condition);

  const Detections& detections_;
  const CompileOptions& options_;
  std::vector<sigma::Diagnostic>& diagnostics_;
  RegexBudget* const budget_;
  std::vector<Named> named_;
  std::size_t questions_ = 0;  ///< in the identifiers
  std::size_t used_nodes_ = 0;
};

/// Whether an identifier is among those that `them` or a pattern means.
bool IsSelected(std::string_view pattern, std::string_view name);

}  // namespace auditflow::match
