#include "src/sigma/condition_parser.hpp"

#include <array>
#include <charconv>

#include "src/sigma/condition_lexer.hpp"
#include "src/sigma/text.hpp"

namespace auditflow::sigma {
namespace {

using Token = ConditionToken;
constexpr std::array<std::string_view, 3> kOperators = {"and", "or", "not"};

bool IsOperator(std::string_view word) { return word == "and" || word == "or" || word == "not"; }

class Parser {
 public:
  Parser(const Node& source, std::size_t max_depth, std::size_t* budget, Reporter& reporter)
      : source_(source),
        lexer_(source.text),
        max_depth_(max_depth),
        budget_(budget),
        reporter_(reporter) {}

  std::optional<Condition> Parse() {
    std::optional<Condition> condition = ParseChain(Condition::Kind::kOr);
    if (condition && lexer_.current().kind != Token::Kind::kEnd) return Unexpected("'and' or 'or'");
    return condition;
  }

 private:
  /// `or` and `and` differ only in the word and in what they join.
  std::optional<Condition> ParseChain(Condition::Kind kind) {
    const bool is_or = kind == Condition::Kind::kOr;
    const auto operand = [&] { return is_or ? ParseChain(Condition::Kind::kAnd) : ParseNot(); };
    std::optional<Condition> first = operand();
    if (!first || !AtWord(is_or ? "or" : "and")) return first;
    Condition chain = Make(kind, first->location);
    chain.children.push_back(*std::move(first));
    while (AtWord(is_or ? "or" : "and")) {
      lexer_.Advance();
      std::optional<Condition> next = operand();
      if (!next) return std::nullopt;
      chain.children.push_back(*std::move(next));
    }
    return chain;
  }

  std::optional<Condition> ParseNot() {
    if (!AtWord("not")) return ParsePrimary();
    const Token token = lexer_.current();
    if (!Enter(token)) return std::nullopt;
    Condition negation = Make(Condition::Kind::kNot, PlaceOfOffset(token.offset));
    lexer_.Advance();
    std::optional<Condition> operand = ParseNot();
    --depth_;
    if (!operand) return std::nullopt;
    negation.children.push_back(*std::move(operand));
    return negation;
  }

  std::optional<Condition> ParsePrimary() {
    const Token token = lexer_.current();
    if (token.kind == Token::Kind::kOpen) return ParseGroup();
    if (token.kind != Token::Kind::kWord || IsOperator(token.text)) {
      return Unexpected("an identifier, 'not', '1 of …' or '('");
    }
    if (!CountNode(token)) return std::nullopt;
    lexer_.Advance();
    if (AtWord("of")) return ParseSelector(token);
    return ParseIdentifier(token);
  }

  std::optional<Condition> ParseGroup() {
    if (!Enter(lexer_.current())) return std::nullopt;
    lexer_.Advance();
    std::optional<Condition> inner = ParseChain(Condition::Kind::kOr);
    --depth_;
    if (!inner) return std::nullopt;
    if (lexer_.current().kind != Token::Kind::kClose) return Unexpected("'and', 'or' or ')'");
    lexer_.Advance();
    return inner;
  }

  std::optional<Condition> ParseIdentifier(const Token& token) {
    if (token.text.find('*') != std::string_view::npos) {
      return Refuse(token, "condition-syntax",
                    "pattern " + Quote(token.text) + " needs a quantity: write '1 of " +
                        std::string(token.text) + "' or 'all of " + std::string(token.text) + "'");
    }
    const std::string lower = AsciiLower(token.text);
    if (IsOperator(lower)) {
      return Refuse(token, "condition-syntax",
                    "write " + Quote(lower) + " in lower case instead of " + Quote(token.text));
    }
    Condition identifier = Make(Condition::Kind::kIdentifier, PlaceOfOffset(token.offset));
    identifier.name = token.text;
    return identifier;
  }

  std::optional<Condition> ParseSelector(const Token& quantity_token) {
    const std::optional<std::uint32_t> quantity = ParseQuantity(quantity_token);
    if (!quantity) return std::nullopt;
    lexer_.Advance();
    const Token target = lexer_.current();
    if (target.kind != Token::Kind::kWord || IsOperator(target.text)) {
      return Unexpected("'them' or a pattern like 'selection_*' after 'of'");
    }
    lexer_.Advance();
    Condition selector = Make(Condition::Kind::kSelector, PlaceOfOffset(quantity_token.offset));
    selector.name = target.text;
    selector.quantity = *quantity;
    return selector;
  }

  std::optional<std::uint32_t> ParseQuantity(const Token& token) {
    if (token.text == "all") return 0;
    if (token.text == "any") return 1;
    std::uint32_t number = 0;
    const char* end = token.text.data() + token.text.size();
    const auto parsed = std::from_chars(token.text.data(), end, number);
    if (parsed.ec != std::errc() || parsed.ptr != end || number == 0) {
      Refuse(token, "condition-syntax",
             "the quantity before 'of' is '1', 'any', 'all' or a number above 0, not " +
                 Quote(token.text));
      return std::nullopt;
    }
    if (number > 1) {
      reporter_.Warn(PlaceOfOffset(token.offset), "quantity-extension",
                     Quote(std::string(token.text) + " of") +
                         " is an extension: the specification knows '1 of' and 'all of' only");
    }
    return number;
  }

  bool AtWord(std::string_view word) const {
    return lexer_.current().kind == Token::Kind::kWord && lexer_.current().text == word;
  }

  bool Enter(const Token& token) {
    if (++depth_ <= max_depth_) return true;
    Refuse(token, "limit",
           "the condition is nested deeper than " + std::to_string(max_depth_) + " levels");
    return false;
  }

  bool CountNode(const Token& token) {
    if (*budget_ > 0) {
      --*budget_;
      return true;
    }
    Refuse(token, "limit",
           "the conditions of this rule have more than " + std::to_string(kMaxConditionNodes) +
               " operands");
    return false;
  }

  std::nullopt_t Unexpected(const std::string& expected) {
    const Token& token = lexer_.current();
    if (token.kind == Token::Kind::kPipe) return RefuseAggregation(token);
    if (token.kind == Token::Kind::kEnd) {
      return Refuse(token, "condition-syntax",
                    "the condition ends where " + expected + " should follow");
    }
    std::string message = "expected " + expected + ", found " + Quote(token.text);
    const std::string lower = AsciiLower(token.text);
    if (lower != token.text && IsOperator(lower)) {
      message += "; write " + Quote(lower) + " in lower case";
    } else if (token.kind == Token::Kind::kWord && !IsOperator(token.text)) {
      message += DidYouMean(token.text, kOperators);
    }
    return Refuse(token, "condition-syntax", message);
  }

  std::nullopt_t RefuseAggregation(const Token& token) {
    const bool near = lexer_.Peek().text == "near";
    reporter_.Unsupported(
        PlaceOfOffset(token.offset), "aggregation",
        std::string("aggregations in conditions were removed from Sigma; write a correlation rule "
                    "of type ") +
            (near ? "temporal" : "event_count or value_count") +
            " that refers to this rule (correlation: type, rules, group-by, timespan, condition)");
    return std::nullopt;
  }

  std::nullopt_t Refuse(const Token& token, std::string code, std::string message) {
    reporter_.Invalid(PlaceOfOffset(token.offset), std::move(code), std::move(message));
    return std::nullopt;
  }

  static Condition Make(Condition::Kind kind, SourceLocation location) {
    Condition condition;
    condition.kind = kind;
    condition.location = std::move(location);
    return condition;
  }

  /// Exact for a condition on one line; else the place where the condition starts. Linear over all
  /// calls, as offsets hardly ever go back.
  SourceLocation PlaceOfOffset(std::size_t offset) {
    SourceLocation place = source_.location;
    if (source_.style == Node::Style::kFolded) return place;
    if (offset < counted_bytes_) counted_bytes_ = counted_characters_ = 0;
    const std::string_view text = source_.text;
    counted_characters_ += CharacterCount(text.substr(counted_bytes_, offset - counted_bytes_));
    counted_bytes_ = offset;
    const std::size_t quote = source_.style == Node::Style::kQuoted ? 1 : 0;
    place.column += static_cast<std::uint32_t>(quote + counted_characters_);
    return place;
  }

  const Node& source_;
  ConditionLexer lexer_;
  std::size_t max_depth_;
  std::size_t* budget_;
  Reporter& reporter_;
  std::size_t depth_ = 0;
  std::size_t counted_bytes_ = 0;
  std::size_t counted_characters_ = 0;
};

}  // namespace

std::optional<Condition> ParseCondition(const Node& text, std::size_t max_depth,
                                        std::size_t* budget, Reporter& reporter) {
  if (text.kind != Node::Kind::kString) {
    // A detection may be called 1 or true; only its text counts.
    const bool word = text.is_scalar() && text.kind != Node::Kind::kNull;
    if (!word) {
      reporter.Invalid(text.location, "wrong-type", "a condition must be a string");
      return std::nullopt;
    }
  }
  return Parser(text, max_depth, budget, reporter).Parse();
}

std::vector<Condition> ParseConditions(const Node& value, std::size_t max_depth,
                                       Reporter& reporter) {
  std::vector<Condition> conditions;
  std::size_t budget = kMaxConditionNodes;
  const auto add = [&](const Node& text) {
    std::optional<Condition> condition = ParseCondition(text, max_depth, &budget, reporter);
    if (condition) conditions.push_back(*std::move(condition));
  };
  if (value.kind != Node::Kind::kSequence) {
    add(value);
    return conditions;
  }
  if (value.items.empty()) {
    reporter.Invalid(value.location, "empty-list", "'condition' is an empty list");
  }
  for (const Node& item : value.items) {
    if (reporter.exhausted()) break;
    add(item);
  }
  return conditions;
}

}  // namespace auditflow::sigma
