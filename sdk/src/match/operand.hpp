#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "auditflow/sigma/document.hpp"

#include "src/match/expression.hpp"
#include "src/match/pattern.hpp"

namespace auditflow::match {

struct RegexOperand {
  std::string text;
  std::string flags;
};

struct NetworkOperand {
  std::string text;
};

/// One alternative of a value on its way through the modifiers.
struct Operand {
  std::variant<Pattern, RegexOperand, NetworkOperand, Test> form;
  std::string text;  ///< a number or Boolean as the rule writes it
};

template <class T>
T* TestIn(Operand& operand) {
  auto* test = std::get_if<Test>(&operand.form);
  return test != nullptr ? std::get_if<T>(test) : nullptr;
}

/// The number to compare with, also one that is written as text.
std::optional<Number> NumberIn(const Operand& operand);

/// The pattern to modify; numbers and Booleans become what the rule wrote. Null for anything that
/// is no text.
Pattern* PatternIn(Operand& operand);

/// Gives an operand that is a pattern another text and keeps its case rule.
void SetText(Operand& operand, std::string_view text);

/// Adds the flag of `i`, `m` or `s` once.
void AddFlag(RegexOperand& regex, sigma::Modifier modifier);

void EncodeUtf16(Pattern& pattern, sigma::Modifier modifier);

sigma::Comparison ComparisonOf(sigma::Modifier modifier);
ComparesDatePart::Part DatePartOf(sigma::Modifier modifier);

/// `startswith` and `endswith` on a field reference together are `contains`.
RelatesToField::Relation Widen(RelatesToField::Relation relation, sigma::Modifier modifier);

}  // namespace auditflow::match
