#include "src/match/field_engine.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <string>

#include "src/match/atom_class.hpp"
#include "src/match/scalar_test.hpp"

namespace auditflow::match {
namespace {

void AddIf(AtomId atom, std::vector<AtomId>& holding) {
  if (atom != 0xFFFFFFFFU) holding.push_back(atom);
}

}  // namespace

FieldEngine::FieldEngine(std::span<const AtomId> atoms, const AtomTable& table,
                         const LiteralCounts& counts) {
  for (const AtomId atom : atoms) Add(atom, table[atom].test);
  std::sort(numbers_.begin(), numbers_.end());
  folded_.Build(counts);
  cased_.Build(counts);
}

void FieldEngine::Add(AtomId atom, const Test& test) {
  asks_of_scalars_ = asks_of_scalars_ || !std::holds_alternative<FieldExists>(test);
  if (const auto* pattern = std::get_if<MatchesPattern>(&test)) {
    if (ShapeOf(pattern->pattern) == PatternShape::kAny) {
      any_ = atom;
    } else {
      (pattern->pattern.cased ? cased_ : folded_).Add(atom, pattern->pattern);
    }
  } else if (const auto* number = std::get_if<EqualsNumber>(&test)) {
    numbers_.emplace_back(KeyOf(number->number), atom);
  } else if (const auto* boolean = std::get_if<EqualsBool>(&test)) {
    (boolean->value ? true_ : false_) = atom;
  }
}

void FieldEngine::OnScalar(ScalarView& scalar, std::vector<AtomId>& holding) const {
  const event::Value value = scalar.value();
  if (value.is_null()) return;
  AddIf(any_, holding);
  switch (value.tag()) {
    case '"':
      OnString(scalar, holding);
      break;
    case 'l':
      OnNumber(value.int64_value(), holding);
      break;
    case 'u':
      OnNumber(value.uint64_value(), holding);
      break;
    case 'd':
      OnNumber(value.double_value(), holding);
      break;
    default:
      AddIf(value.bool_value() ? true_ : false_, holding);
      break;
  }
  const bool is_number = value.tag() == 'l' || value.tag() == 'u' || value.tag() == 'd';
  const auto concerns = [is_number](const Literals& literals) {
    return !literals.empty() && (!is_number || literals.MayFitNumber());
  };
  if (concerns(folded_)) folded_.Match(scalar.Folded(), holding);
  if (concerns(cased_)) cased_.Match(scalar.Text(), holding);
}

void FieldEngine::OnString(ScalarView& scalar, std::vector<AtomId>& holding) const {
  if (!numbers_.empty()) {
    if (const std::optional<Number> number = ParseNumber(scalar.Text())) {
      OnNumber(*number, holding);
    }
  }
  if (true_ != kNone && scalar.Folded() == "true") holding.push_back(true_);
  if (false_ != kNone && scalar.Folded() == "false") holding.push_back(false_);
}

void FieldEngine::OnNumber(const Number& number, std::vector<AtomId>& holding) const {
  if (numbers_.empty()) return;
  const NumberKey key = KeyOf(number);
  auto found = std::lower_bound(
      numbers_.begin(), numbers_.end(), key,
      [](const auto& entry, const NumberKey& wanted) { return entry.first < wanted; });
  // 1 and 1.0 are two atoms of one key.
  for (; found != numbers_.end() && found->first == key; ++found) holding.push_back(found->second);
}

FieldEngine::NumberKey FieldEngine::KeyOf(const Number& number) {
  enum : std::uint8_t { kSigned, kUnsigned, kFraction };
  constexpr double kTwo63 = 9223372036854775808.0;
  if (const auto* value = std::get_if<std::int64_t>(&number)) {
    return {std::bit_cast<std::uint64_t>(*value), kSigned};
  }
  if (const auto* value = std::get_if<std::uint64_t>(&number)) {
    return {*value, (*value >> 63U) != 0 ? kUnsigned : kSigned};
  }
  const double value = std::get<double>(number);
  if (std::trunc(value) == value && value >= -kTwo63 && value < 2 * kTwo63) {
    if (value < kTwo63) return KeyOf(static_cast<std::int64_t>(value));
    return KeyOf(static_cast<std::uint64_t>(value));
  }
  return {std::bit_cast<std::uint64_t>(value), kFraction};
}

void FieldEngine::Literals::Add(AtomId atom, const Pattern& pattern) {
  std::string text;
  if (pattern.cased) {
    text = TextOf(pattern);
  } else {
    AppendFolded(TextOf(pattern), text);
  }
  may_fit_number_ = may_fit_number_ || text.find_first_not_of("0123456789+-.eE") == text.npos;
  const PatternShape shape = ShapeOf(pattern);
  if (shape != PatternShape::kExact) {
    needles_.push_back(
        {std::move(text), shape == PatternShape::kPrefix, shape == PatternShape::kSuffix, atom});
  } else if (exact_.Add(text) == exact_atoms_.size()) {
    exact_atoms_.push_back(atom);
  }
}

void FieldEngine::Literals::DropRepeated(std::vector<AtomId>& holding) {
  std::sort(holding.begin(), holding.end());
  holding.erase(std::unique(holding.begin(), holding.end()), holding.end());
}

void FieldEngine::Literals::Build(const LiteralCounts& counts) {
  table_ = NeedleTable(needles_, counts);
  needles_ = {};
}

}  // namespace auditflow::match
