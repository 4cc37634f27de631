#include "cli/rule_text.hpp"

#include <array>
#include <charconv>
#include <string_view>
#include <vector>

namespace auditflow::cli {
namespace {

using Kind = sigma::Condition::Kind;

/// How strongly an operator binds: `or` weakest.
int Binding(Kind kind) {
  switch (kind) {
    case Kind::kOr:
      return 0;
    case Kind::kAnd:
      return 1;
    case Kind::kNot:
      return 2;
    case Kind::kIdentifier:
    case Kind::kSelector:
      break;
  }
  return 3;
}

std::string Operand(const sigma::Condition& child, Kind parent) {
  const std::string text = ToText(child);
  return Binding(child.kind) < Binding(parent) ? '(' + text + ')' : text;
}

std::string Joined(const sigma::Condition& condition, std::string_view separator) {
  std::string text;
  for (const sigma::Condition& child : condition.children) {
    if (!text.empty()) text += separator;
    text += Operand(child, condition.kind);
  }
  return text;
}

std::string_view Sign(sigma::Comparison comparison) {
  static constexpr std::array<std::string_view, 6> kSigns = {">", ">=", "<", "<=", "=", "!="};
  return kSigns[static_cast<std::size_t>(comparison)];
}

std::string NumberText(double number) {
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), number);
  return {text.data(), end.ptr};
}

std::string List(const std::vector<std::string>& items) {
  std::string text;
  for (const std::string& item : items) text += (text.empty() ? "" : ", ") + item;
  return text;
}

}  // namespace

std::string ToText(const sigma::Condition& condition) {
  switch (condition.kind) {
    case Kind::kIdentifier:
      return condition.name;
    case Kind::kSelector:
      return (condition.quantity == 0 ? "all" : std::to_string(condition.quantity)) + " of " +
             condition.name;
    case Kind::kNot:
      return "not " + Operand(condition.children.front(), Kind::kNot);
    case Kind::kAnd:
      return Joined(condition, " and ");
    case Kind::kOr:
      break;
  }
  return Joined(condition, " or ");
}

std::string ToText(const sigma::CorrelationRule& rule) {
  std::string text(sigma::ToString(rule.type));
  if (!rule.condition_fields.empty()) text += '(' + List(rule.condition_fields) + ')';
  std::string_view separator = " ";
  for (const auto& [comparison, number] : rule.condition) {
    text.append(separator).append(Sign(comparison)).append(" ").append(NumberText(number));
    separator = " and ";
  }
  if (rule.rule_condition) text += " of " + ToText(*rule.rule_condition);
  text += " within " + FormatDuration(rule.timespan);
  if (!rule.group_by.empty()) text += " by " + List(rule.group_by);
  std::vector<std::string> references;
  for (const auto& reference : rule.rules) references.push_back(reference.rule);
  return text + ", over " + List(references);
}

}  // namespace auditflow::cli
