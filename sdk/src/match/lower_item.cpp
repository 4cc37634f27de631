#include "src/match/lower_item.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "src/match/case_fold.hpp"
#include "src/match/value_chain.hpp"

namespace auditflow::match {
namespace {

using sigma::Diagnostic;
using sigma::DiagnosticKind;
using sigma::Modifier;
using sigma::Node;

tl::expected<Expression, Diagnostic> LowerExists(const sigma::DetectionItem& item) {
  const auto invalid = [&](std::string code, std::string message) {
    return tl::unexpected(
        Diagnostic{DiagnosticKind::kInvalid, item.location, std::move(code), std::move(message)});
  };
  if (item.field.empty()) return invalid("keyword-modifier", "a keyword has no field to exist");
  const auto other = [](Modifier m) { return m != Modifier::kExists && !IsAboutTheWhole(m); };
  if (std::any_of(item.modifiers.begin(), item.modifiers.end(), other)) {
    return invalid("modifier-combination", "`exists` takes no other modifier than `neq`");
  }
  const std::string word = item.values.size() == 1 ? Folded(item.values.front().text) : "";
  if (word != "true" && word != "false") {
    return invalid("modifier-type", "`exists` needs true or false");
  }
  return Expression{Expression::Kind::kAtom, {item.field, FieldExists{word == "true"}}, {}};
}

tl::expected<Expression, Diagnostic> LowerValues(const sigma::DetectionItem& item,
                                                 const CompileOptions& options,
                                                 RegexBudget* budget) {
  std::vector<Expression> values;
  values.reserve(item.values.size());
  std::size_t expanded = 0;
  for (const Node& value : item.values) {
    auto alternatives = LowerValue(item, value, options, budget);
    if (!alternatives) return tl::unexpected(std::move(alternatives.error()));
    if (alternatives->size() > 1) expanded += alternatives->size();
    if (expanded > options.max_expansion) {
      return tl::unexpected(
          Diagnostic{DiagnosticKind::kUnsupported, item.location, "expansion-too-large",
                     "the values expand to more than " + std::to_string(options.max_expansion)});
    }
    values.push_back(Join(Expression::Kind::kOr, std::move(*alternatives)));
  }
  return Join(Has(item, Modifier::kAll) ? Expression::Kind::kAnd : Expression::Kind::kOr,
              std::move(values));
}

}  // namespace

std::size_t CountNodes(const Expression& expression) {
  std::size_t count = 1;
  for (const Expression& child : expression.children) count += CountNodes(child);
  return count;
}

Expression Join(Expression::Kind kind, std::vector<Expression> children) {
  if (children.size() == 1) return std::move(children.front());
  return {kind, {}, std::move(children)};
}

Expression Negate(Expression child) {
  Expression negation{Expression::Kind::kNot, {}, {}};
  negation.children.push_back(std::move(child));
  return negation;
}

tl::expected<Expression, Diagnostic> LowerItem(const sigma::DetectionItem& item,
                                               const CompileOptions& options, RegexBudget* budget) {
  auto expression =
      Has(item, Modifier::kExists) ? LowerExists(item) : LowerValues(item, options, budget);
  if (expression && Has(item, Modifier::kNeq)) return Negate(std::move(*expression));
  return expression;
}

}  // namespace auditflow::match
