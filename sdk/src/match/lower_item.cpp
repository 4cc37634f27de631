#include "src/match/lower_item.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <utility>

#include "src/match/case_fold.hpp"
#include "src/match/encoding.hpp"
#include "src/match/expansion.hpp"
#include "src/match/pattern.hpp"
#include "src/match/regex.hpp"
#include "src/match/scalar_test.hpp"

namespace auditflow::match {
namespace {

using sigma::Diagnostic;
using sigma::DiagnosticKind;
using sigma::Modifier;
using sigma::Node;

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

using Outcome = std::optional<Diagnostic>;  ///< nothing: success

/// Modifiers that say how the values are put together: they leave each value as it is, so their
/// place in the chain does not matter.
bool IsAboutTheWhole(Modifier modifier) {
  return modifier == Modifier::kAll || modifier == Modifier::kNeq;
}

std::string AsItIs(std::string_view text) { return std::string(text); }

bool Has(const sigma::DetectionItem& item, Modifier modifier) {
  return std::find(item.modifiers.begin(), item.modifiers.end(), modifier) != item.modifiers.end();
}

std::optional<Number> NumberIn(const Operand& operand) {
  if (const auto* test = std::get_if<Test>(&operand.form)) {
    const auto* number = std::get_if<EqualsNumber>(test);
    return number != nullptr ? std::optional(number->number) : std::nullopt;
  }
  const auto* pattern = std::get_if<Pattern>(&operand.form);
  const auto text = pattern != nullptr ? PlainText(*pattern) : std::nullopt;
  return text ? ParseNumber(*text) : std::nullopt;
}

template <class T>
T* TestIn(Operand& operand) {
  auto* test = std::get_if<Test>(&operand.form);
  return test != nullptr ? std::get_if<T>(test) : nullptr;
}

/// The pattern to modify; numbers and Booleans become what the rule wrote. Null for anything that
/// is no text.
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

/// `startswith` and `endswith` on a field reference together are `contains`.
RelatesToField::Relation Widen(RelatesToField::Relation relation, Modifier modifier) {
  using Relation = RelatesToField::Relation;
  const auto wanted = modifier == Modifier::kStartsWith ? Relation::kStartsWith
                      : modifier == Modifier::kEndsWith ? Relation::kEndsWith
                                                        : Relation::kContains;
  return relation == Relation::kEquals || relation == wanted ? wanted : Relation::kContains;
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

/// Takes one value through the chain.
class ValueChain {
 public:
  ValueChain(const sigma::DetectionItem& item, const Node& value, const CompileOptions& options)
      : item_(item), value_(value), options_(options) {}

  tl::expected<std::vector<Expression>, Diagnostic> Run() {
    if (Outcome failure = Start()) return tl::unexpected(std::move(*failure));
    for (const Modifier modifier : item_.modifiers) {
      if (IsAboutTheWhole(modifier)) continue;
      modifier_ = modifier;
      if (Outcome failure = Apply()) return tl::unexpected(std::move(*failure));
      is_first_ = is_first_ && modifier == Modifier::kCased;
    }
    return Finish();
  }

 private:
  [[nodiscard]] Diagnostic Problem(DiagnosticKind kind, std::string code,
                                   std::string message) const {
    const auto& place = value_.location.line != 0 ? value_.location : item_.location;
    return {kind, place, std::move(code), std::move(message)};
  }
  [[nodiscard]] Diagnostic Invalid(std::string code, std::string message) const {
    return Problem(DiagnosticKind::kInvalid, std::move(code), std::move(message));
  }
  [[nodiscard]] Diagnostic Unsupported(std::string code, std::string message) const {
    return Problem(DiagnosticKind::kUnsupported, std::move(code), std::move(message));
  }
  [[nodiscard]] std::string Name() const {
    return "`" + std::string(sigma::ToString(modifier_)) + "`";
  }
  [[nodiscard]] Diagnostic WrongType(std::string_view wanted) const {
    return Invalid("modifier-type", Name() + " needs " + std::string(wanted));
  }

  // --- the value as the rule gives it

  [[nodiscard]] bool IsKeyword() const { return item_.field.empty(); }

  Outcome Start() {
    switch (value_.kind) {
      case Node::Kind::kNull:
        if (IsKeyword()) return Invalid("keyword-null", "null is no keyword");
        return Set(IsNull{});
      case Node::Kind::kBool:
        return Set(EqualsBool{value_.boolean});
      case Node::Kind::kInteger:
        return Set(EqualsNumber{Number(value_.integer)});
      case Node::Kind::kUnsigned:
        return Set(EqualsNumber{Number(value_.unsigned_integer)});
      case Node::Kind::kDouble:
        if (!std::isfinite(value_.number)) {
          return Invalid("number-not-finite", "no event holds the number " + value_.text);
        }
        return Set(EqualsNumber{Number(value_.number)});
      case Node::Kind::kString:
        operands_.push_back({ParsePattern(value_.text), {}});
        return {};
      default:
        return Invalid("value-type", "a value must be a string, a number, true, false or null");
    }
  }
  Outcome Set(Test test) {
    operands_.push_back({std::move(test), value_.text});
    return {};
  }

  // --- one modifier

  Outcome Apply() {
    switch (modifier_) {
      case Modifier::kRe:
        return MakeRegex();
      case Modifier::kCidr:
        return MakeNetwork();
      case Modifier::kExists:
        return Invalid("modifier-combination", "`exists` takes no other modifier than `neq`");
      case Modifier::kReIgnoreCase:
      case Modifier::kReMultiline:
      case Modifier::kReDotAll:
        return ForEach(&ValueChain::AddRegexFlag);
      case Modifier::kContains:
      case Modifier::kStartsWith:
      case Modifier::kEndsWith:
        return ForEach(&ValueChain::Open);
      case Modifier::kCased:
        return ForEach(&ValueChain::MakeCased);
      case Modifier::kWindash:
      case Modifier::kBase64Offset:
      case Modifier::kExpand:
        return Expand();
      case Modifier::kBase64:
        return ForEach(&ValueChain::EncodeBase64);
      case Modifier::kUtf16Le:
      case Modifier::kUtf16Be:
      case Modifier::kUtf16:
      case Modifier::kWide:
        return ForEach(&ValueChain::EncodeWide);
      case Modifier::kFieldRef:
        return ForEach(&ValueChain::MakeFieldReference);
      case Modifier::kLt:
      case Modifier::kLte:
      case Modifier::kGt:
      case Modifier::kGte:
        return ForEach(&ValueChain::MakeComparison);
      default:
        return ForEach(&ValueChain::MakeDatePart);
    }
  }

  Outcome ForEach(Outcome (ValueChain::*apply)(Operand&)) {
    for (Operand& operand : operands_) {
      if (Outcome failure = (this->*apply)(operand)) return failure;
    }
    return {};
  }

  Outcome MustBeFirst() const {
    if (is_first_) return {};
    return Invalid("modifier-order", Name() + " must come before every other value modifier");
  }

  Outcome MakeRegex() {
    if (Outcome failure = MustBeFirst()) return failure;
    if (value_.kind == Node::Kind::kNull) return WrongType("a regular expression");
    operands_.front().form = RegexOperand{value_.text, {}};
    return {};
  }

  Outcome MakeNetwork() {
    if (Outcome failure = MustBeFirst()) return failure;
    operands_.front().form = NetworkOperand{value_.text};
    return {};
  }

  Outcome AddRegexFlag(Operand& operand) {
    auto* regex = std::get_if<RegexOperand>(&operand.form);
    if (regex == nullptr) return Invalid("modifier-order", Name() + " must come after `re`");
    const char flag = modifier_ == Modifier::kReIgnoreCase  ? 'i'
                      : modifier_ == Modifier::kReMultiline ? 'm'
                                                            : 's';
    if (regex->flags.find(flag) == std::string::npos) regex->flags += flag;
    return {};
  }

  Outcome Open(Operand& operand) {
    if (auto* relation = TestIn<RelatesToField>(operand)) {
      relation->relation = Widen(relation->relation, modifier_);
      return {};
    }
    // An unanchored search finds the same with .* at its ends.
    if (std::holds_alternative<RegexOperand>(operand.form)) return {};
    Pattern* pattern = PatternIn(operand);
    if (pattern == nullptr) return WrongType("a string");
    if (modifier_ != Modifier::kStartsWith) OpenStart(*pattern);
    if (modifier_ != Modifier::kEndsWith) OpenEnd(*pattern);
    return {};
  }

  Outcome MakeCased(Operand& operand) {
    if (auto* pattern = std::get_if<Pattern>(&operand.form)) pattern->cased = true;
    if (auto* relation = TestIn<RelatesToField>(operand)) relation->cased = true;
    return {};
  }

  Outcome EncodeWide(Operand& operand) {
    Pattern* pattern = PatternIn(operand);
    if (pattern == nullptr) return WrongType("a string");
    EncodeUtf16(*pattern, modifier_);
    return {};
  }

  Outcome PlainBytes(Operand& operand, std::string& bytes) const {
    const Pattern* pattern = PatternIn(operand);
    if (pattern == nullptr) return WrongType("a string");
    auto text = PlainText(*pattern);
    if (!text) return Invalid("base64-wildcard", Name() + " cannot encode a wildcard");
    bytes = std::move(*text);
    return {};
  }

  static void SetText(Operand& operand, std::string_view text) {
    auto& pattern = std::get<Pattern>(operand.form);
    pattern.parts = LiteralPattern(text).parts;
  }

  Outcome EncodeBase64(Operand& operand) {
    std::string bytes;
    if (Outcome failure = PlainBytes(operand, bytes)) return failure;
    SetText(operand, Base64(bytes));
    return {};
  }

  Outcome MakeFieldReference(Operand& operand) {
    if (IsKeyword()) return Invalid("keyword-modifier", "a keyword has no field to compare with");
    Pattern* pattern = PatternIn(operand);
    const auto name = pattern != nullptr ? PlainText(*pattern) : std::nullopt;
    if (!name || name->empty()) return WrongType("the name of a field, without wildcards");
    operand.form = Test(RelatesToField{*name, RelatesToField::Relation::kEquals, pattern->cased});
    return {};
  }

  Outcome MakeComparison(Operand& operand) {
    const auto comparison = ComparisonOf(modifier_);
    if (auto* part = TestIn<ComparesDatePart>(operand)) {
      if (part->comparison != sigma::Comparison::kEq) return WrongType("to be the only comparison");
      part->comparison = comparison;
      return {};
    }
    const auto number = NumberIn(operand);
    if (!number) return WrongType("a number");
    operand.form = Test(ComparesNumber{comparison, *number});
    return {};
  }

  Outcome MakeDatePart(Operand& operand) {
    ComparesDatePart test{DatePartOf(modifier_), sigma::Comparison::kEq, {}};
    if (const auto* compares = TestIn<ComparesNumber>(operand)) {
      test.comparison = compares->comparison;
      test.number = compares->number;
    } else if (const auto number = NumberIn(operand)) {
      test.number = *number;
    } else {
      return WrongType("a number");
    }
    operand.form = Test(test);
    return {};
  }

  // --- modifiers that make several of one

  Outcome Expand() {
    std::vector<Operand> expanded;
    for (Operand& operand : operands_) {
      if (Outcome failure = ExpandOne(operand, expanded)) return failure;
      if (expanded.size() > options_.max_expansion) return TooMany();
    }
    operands_ = std::move(expanded);
    return {};
  }

  [[nodiscard]] Diagnostic TooMany() const {
    return Unsupported("expansion-too-large", Name() + " makes more than " +
                                                  std::to_string(options_.max_expansion) +
                                                  " alternatives of one value");
  }

  [[nodiscard]] Diagnostic Unresolved(const std::string& name) const {
    return Unsupported("placeholder-unresolved",
                       "the placeholder %" + name + "% has no values in the configuration");
  }

  Outcome ExpandOne(Operand& operand, std::vector<Operand>& to) const {
    if (modifier_ == Modifier::kExpand) {
      if (auto* regex = std::get_if<RegexOperand>(&operand.form)) {
        return ExpandRaw(*regex, QuoteForRegex, to);
      }
      if (auto* network = std::get_if<NetworkOperand>(&operand.form)) {
        return ExpandRaw(*network, AsItIs, to);
      }
    }
    Pattern* pattern = PatternIn(operand);
    if (pattern == nullptr) return WrongType("a string");
    if (modifier_ == Modifier::kBase64Offset) return ExpandBase64(operand, to);
    if (modifier_ == Modifier::kWindash) {
      return Add(CutWindash(*pattern), *pattern, to);
    }
    const CutPlaceholders cut = CutAtPlaceholders(*pattern, options_);
    if (cut.unresolved) return Unresolved(*cut.unresolved);
    return Add(cut.slotted, *pattern, to);
  }

  Outcome Add(const Slotted& slotted, const Pattern& pattern, std::vector<Operand>& to) const {
    auto patterns = Combine(slotted, pattern.cased, options_.max_expansion);
    if (!patterns) return TooMany();
    for (Pattern& alternative : *patterns) to.push_back({std::move(alternative), {}});
    return {};
  }

  Outcome ExpandBase64(Operand& operand, std::vector<Operand>& to) const {
    std::string bytes;
    if (Outcome failure = PlainBytes(operand, bytes)) return failure;
    if (bytes.size() < 2) {
      return Invalid(
          "base64-too-short",
          "`base64offset` needs two bytes or more: a shorter value leaves nothing certain "
          "to look for");
    }
    for (std::size_t offset = 0; offset < kBase64Offsets; ++offset) {
      SetText(to.emplace_back(operand), Base64At(bytes, offset));
    }
    return {};
  }

  template <class RawOperand>
  Outcome ExpandRaw(RawOperand operand, std::string (*quote)(std::string_view),
                    std::vector<Operand>& to) const {
    ExpandedText expanded = ExpandText(operand.text, options_, quote);
    if (expanded.unresolved) return Unresolved(*expanded.unresolved);
    if (expanded.too_many) return TooMany();
    for (std::string& text : expanded.texts) {
      operand.text = std::move(text);
      to.push_back({operand, {}});
    }
    return {};
  }

  // --- the tests

  tl::expected<std::vector<Expression>, Diagnostic> Finish() {
    std::vector<Expression> atoms;
    for (Operand& operand : operands_) {
      auto test = Finish(operand);
      if (!test) return tl::unexpected(std::move(test.error()));
      atoms.push_back({Expression::Kind::kAtom, {item_.field, std::move(*test)}, {}});
    }
    return atoms;
  }

  tl::expected<Test, Diagnostic> Finish(Operand& operand) const {
    if (const auto* regex = std::get_if<RegexOperand>(&operand.form)) return Check(*regex);
    if (const auto* network = std::get_if<NetworkOperand>(&operand.form)) return Check(*network);
    if (IsKeyword()) PatternIn(operand);  // a number is looked for as text
    auto* pattern = std::get_if<Pattern>(&operand.form);
    if (pattern == nullptr) return std::move(std::get<Test>(operand.form));
    const bool anchored = Has(item_, Modifier::kStartsWith) || Has(item_, Modifier::kEndsWith);
    if (IsKeyword() && !anchored) {
      OpenStart(*pattern);
      OpenEnd(*pattern);
    }
    return MatchesPattern{std::move(*pattern)};
  }

  [[nodiscard]] tl::expected<Test, Diagnostic> Check(const NetworkOperand& operand) const {
    const auto network = ParseNetwork(operand.text);
    if (network) return *network;
    return tl::unexpected(
        Invalid("cidr-syntax", "\"" + operand.text + "\" is no IPv4 or IPv6 network"));
  }

  [[nodiscard]] tl::expected<Test, Diagnostic> Check(const RegexOperand& operand) const {
    auto text = TranslateRegex(operand.text);
    if (!text) return tl::unexpected(Explain(text.error()));
    if (!operand.flags.empty()) text->insert(0, "(?" + operand.flags + ")");
    const auto compiled = CompileRegex(*text, options_.max_regex_bytes);
    if (!compiled) return tl::unexpected(Explain(compiled.error()));
    return MatchesRegex{std::move(*text)};
  }

  [[nodiscard]] Diagnostic Explain(const RegexError& error) const {
    return Problem(error.unsupported ? DiagnosticKind::kUnsupported : DiagnosticKind::kInvalid,
                   error.code, "regular expression: " + error.message);
  }

  const sigma::DetectionItem& item_;
  const Node& value_;
  const CompileOptions& options_;
  std::vector<Operand> operands_;
  Modifier modifier_ = Modifier::kContains;
  bool is_first_ = true;
};

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
                                                 const CompileOptions& options) {
  std::vector<Expression> values;
  values.reserve(item.values.size());
  std::size_t expanded = 0;
  for (const Node& value : item.values) {
    auto alternatives = ValueChain(item, value, options).Run();
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
                                               const CompileOptions& options) {
  auto expression = Has(item, Modifier::kExists) ? LowerExists(item) : LowerValues(item, options);
  if (expression && Has(item, Modifier::kNeq)) return Negate(std::move(*expression));
  return expression;
}

}  // namespace auditflow::match
