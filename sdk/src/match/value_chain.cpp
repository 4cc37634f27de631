#include "src/match/value_chain.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "src/match/encoding.hpp"
#include "src/match/expansion.hpp"
#include "src/match/operand.hpp"
#include "src/match/pattern.hpp"
#include "src/match/regex.hpp"
#include "src/match/scalar_test.hpp"

namespace auditflow::match {
namespace {

using sigma::Diagnostic;
using sigma::DiagnosticKind;
using sigma::Modifier;
using sigma::Node;

using Outcome = std::optional<Diagnostic>;  ///< nothing: success

std::string AsItIs(std::string_view text) { return std::string(text); }

/// Takes one value through the chain.
class ValueChain {
 public:
  ValueChain(const sigma::DetectionItem& item, const Node& value, const CompileOptions& options,
             RegexBudget* budget)
      : item_(item), value_(value), options_(options), budget_(budget) {}

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
    AddFlag(*regex, modifier_);
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
      return Invalid("base64-too-short",
                     "`base64offset` needs two bytes or more: less leaves nothing certain to find");
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
    if (CountWildcards(*pattern) > options_.max_wildcards) {
      return tl::unexpected(Unsupported(
          "too-many-wildcards",
          "the value has more than " + std::to_string(options_.max_wildcards) + " wildcards"));
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
    auto compiled = CompileRegex(*text, options_.max_regex_bytes, budget_);
    if (!compiled) return tl::unexpected(Explain(compiled.error()));
    return MatchesRegex{std::move(*text), std::move(*compiled)};
  }

  [[nodiscard]] Diagnostic Explain(const RegexError& error) const {
    return Problem(error.unsupported ? DiagnosticKind::kUnsupported : DiagnosticKind::kInvalid,
                   error.code, "regular expression: " + error.message);
  }

  const sigma::DetectionItem& item_;
  const Node& value_;
  const CompileOptions& options_;
  RegexBudget* const budget_;
  std::vector<Operand> operands_;
  Modifier modifier_ = Modifier::kContains;
  bool is_first_ = true;
};

}  // namespace

bool IsAboutTheWhole(Modifier modifier) {
  return modifier == Modifier::kAll || modifier == Modifier::kNeq;
}

bool Has(const sigma::DetectionItem& item, Modifier modifier) {
  return std::find(item.modifiers.begin(), item.modifiers.end(), modifier) != item.modifiers.end();
}

tl::expected<std::vector<Expression>, Diagnostic> LowerValue(const sigma::DetectionItem& item,
                                                             const Node& value,
                                                             const CompileOptions& options,
                                                             RegexBudget* budget) {
  return ValueChain(item, value, options, budget).Run();
}

}  // namespace auditflow::match
