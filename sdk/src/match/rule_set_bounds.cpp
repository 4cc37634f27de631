#include "src/match/rule_set_bounds.hpp"

#include <utility>
#include <variant>

#include "src/match/lower_item.hpp"

namespace auditflow::match {
namespace {

using sigma::Diagnostic;

Diagnostic TooLarge(const sigma::SourceLocation& place, std::string code, std::string bound) {
  return {sigma::DiagnosticKind::kUnsupported, place, std::move(code),
          "with this rule all rules together " + std::move(bound)};
}

}  // namespace

std::optional<Expression> RuleSetBounds::Take(const sigma::LinkedRules& rules, RuleIndex rule,
                                              std::vector<Diagnostic>& diagnostics) {
  const sigma::SourceLocation& place = rules.rules.detections[rule].metadata.location;
  std::optional<Expression> meaning;
  if (questions_ <= options_.max_questions_of_all) {
    meaning = Lower(rules, rule, options_, diagnostics, &regexes_);
    const bool by_filters =
        !meaning && !diagnostics.empty() && diagnostics.back().code == kTooManyFilters;
    // Such filters cost as much with every other rule.
    if (by_filters) questions_ += options_.max_questions;
    if (!meaning) return meaning;
    questions_ += CountNodes(*meaning);
  }
  if (questions_ > options_.max_questions_of_all) {
    diagnostics.push_back(
        TooLarge(place, "rules-too-large",
                 "ask more than " + std::to_string(options_.max_questions_of_all) + " questions"));
    return std::nullopt;
  }
  AddFields(*meaning);
  if (fields_.size() > options_.max_fields) {
    diagnostics.push_back(
        TooLarge(place, "too-many-fields",
                 "name more than " + std::to_string(options_.max_fields) + " fields"));
    return std::nullopt;
  }
  return meaning;
}

bool RuleSetBounds::AdmitLogsource(std::size_t known, const sigma::LogSource& logsource,
                                   std::vector<Diagnostic>& diagnostics) const {
  if (known < options_.max_logsources) return true;
  diagnostics.push_back(
      TooLarge(logsource.location, "too-many-logsources",
               "have more than " + std::to_string(options_.max_logsources) + " logsources"));
  return false;
}

void RuleSetBounds::AddFields(const Expression& expression) {
  if (expression.kind == Expression::Kind::kAtom) {
    if (!fields_.contains(expression.atom.field)) fields_.insert(expression.atom.field);
    if (const auto* relation = std::get_if<RelatesToField>(&expression.atom.test)) {
      fields_.insert(relation->other_field);
    }
  }
  for (const Expression& child : expression.children) {
    if (fields_.size() > options_.max_fields) return;
    AddFields(child);
  }
}

}  // namespace auditflow::match
