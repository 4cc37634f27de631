#include "src/match/operand.hpp"

#include "src/match/encoding.hpp"
#include "src/match/scalar_test.hpp"

namespace auditflow::match {

using sigma::Modifier;

std::optional<Number> NumberIn(const Operand& operand) {
  if (const auto* test = std::get_if<Test>(&operand.form)) {
    const auto* number = std::get_if<EqualsNumber>(test);
    return number != nullptr ? std::optional(number->number) : std::nullopt;
  }
  const auto* pattern = std::get_if<Pattern>(&operand.form);
  const auto text = pattern != nullptr ? PlainText(*pattern) : std::nullopt;
  return text ? ParseNumber(*text) : std::nullopt;
}

Pattern* PatternIn(Operand& operand) {
  if (TestIn<EqualsNumber>(operand) != nullptr || TestIn<EqualsBool>(operand) != nullptr) {
    operand.form = LiteralPattern(operand.text);
  }
  return std::get_if<Pattern>(&operand.form);
}

sigma::Comparison ComparisonOf(Modifier modifier) {
  switch (modifier) {
    case Modifier::kLt:
      return sigma::Comparison::kLt;
    case Modifier::kLte:
      return sigma::Comparison::kLte;
    case Modifier::kGt:
      return sigma::Comparison::kGt;
    default:
      return sigma::Comparison::kGte;
  }
}

ComparesDatePart::Part DatePartOf(Modifier modifier) {
  switch (modifier) {
    case Modifier::kMinute:
      return ComparesDatePart::Part::kMinute;
    case Modifier::kHour:
      return ComparesDatePart::Part::kHour;
    case Modifier::kDay:
      return ComparesDatePart::Part::kDay;
    case Modifier::kWeek:
      return ComparesDatePart::Part::kWeek;
    case Modifier::kMonth:
      return ComparesDatePart::Part::kMonth;
    default:
      return ComparesDatePart::Part::kYear;
  }
}

RelatesToField::Relation Widen(RelatesToField::Relation relation, Modifier modifier) {
  using Relation = RelatesToField::Relation;
  const auto wanted = modifier == Modifier::kStartsWith ? Relation::kStartsWith
                      : modifier == Modifier::kEndsWith ? Relation::kEndsWith
                                                        : Relation::kContains;
  return relation == Relation::kEquals || relation == wanted ? wanted : Relation::kContains;
}

void AddFlag(RegexOperand& regex, Modifier modifier) {
  const char flag = modifier == Modifier::kReIgnoreCase  ? 'i'
                    : modifier == Modifier::kReMultiline ? 'm'
                                                         : 's';
  if (regex.flags.find(flag) == std::string::npos) regex.flags += flag;
}

void EncodeUtf16(Pattern& pattern, Modifier modifier) {
  const auto order = modifier == Modifier::kUtf16Be ? Utf16Order::kBig : Utf16Order::kLittle;
  for (Pattern::Part& part : pattern.parts) part.text = Utf16(part.text, order);
  const bool starts_with_text =
      !pattern.parts.empty() && pattern.parts.front().kind == Pattern::PartKind::kText;
  if (modifier == Modifier::kUtf16 && starts_with_text) {
    pattern.parts.front().text.insert(0, "\xFF\xFE");
  }
}

void SetText(Operand& operand, std::string_view text) {
  std::get<Pattern>(operand.form).parts = LiteralPattern(text).parts;
}

}  // namespace auditflow::match
