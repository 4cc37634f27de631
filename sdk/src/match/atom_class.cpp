#include "src/match/atom_class.hpp"

#include <algorithm>

namespace auditflow::match {

PatternShape ShapeOf(const Pattern& pattern) {
  using Kind = Pattern::PartKind;
  const auto& parts = pattern.parts;
  const auto is = [&](std::size_t i, Kind kind) { return parts[i].kind == kind; };
  switch (parts.size()) {
    case 0:
      return PatternShape::kExact;
    case 1:
      if (is(0, Kind::kText)) return PatternShape::kExact;
      return is(0, Kind::kAny) ? PatternShape::kAny : PatternShape::kGlob;
    case 2:
      if (is(0, Kind::kText) && is(1, Kind::kAny)) return PatternShape::kPrefix;
      if (is(0, Kind::kAny) && is(1, Kind::kText)) return PatternShape::kSuffix;
      return PatternShape::kGlob;
    case 3:
      if (is(0, Kind::kAny) && is(1, Kind::kText) && is(2, Kind::kAny)) {
        return PatternShape::kContains;
      }
      return PatternShape::kGlob;
    default:
      return PatternShape::kGlob;
  }
}

const std::string& TextOf(const Pattern& pattern) {
  static const std::string kEmpty;
  const auto text =
      std::find_if(pattern.parts.begin(), pattern.parts.end(),
                   [](const Pattern::Part& part) { return part.kind == Pattern::PartKind::kText; });
  return text == pattern.parts.end() ? kEmpty : text->text;
}

bool IsLazy(const Test& test) {
  if (const auto* pattern = std::get_if<MatchesPattern>(&test)) {
    return ShapeOf(pattern->pattern) == PatternShape::kGlob;
  }
  return !std::holds_alternative<EqualsNumber>(test) && !std::holds_alternative<EqualsBool>(test) &&
         !std::holds_alternative<IsNull>(test) && !std::holds_alternative<FieldExists>(test);
}

bool IsAboutPresence(const Test& test) {
  return std::holds_alternative<FieldExists>(test) || std::holds_alternative<IsNull>(test);
}

bool HoldsWhenMissing(const Test& test) {
  const auto* exists = std::get_if<FieldExists>(&test);
  return std::holds_alternative<IsNull>(test) || (exists != nullptr && !exists->expected);
}

}  // namespace auditflow::match
