#include "src/sigma/scalar.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <string_view>

namespace auditflow::sigma {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool IsOneOf(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

bool ResolveWord(Node& node) {
  const std::string_view text = node.text;
  if (IsOneOf(text, {"", "~", "null", "Null", "NULL"})) {
    node.kind = Node::Kind::kNull;
  } else if (IsOneOf(text, {"true", "True", "TRUE"})) {
    node.kind = Node::Kind::kBool;
    node.boolean = true;
  } else if (IsOneOf(text, {"false", "False", "FALSE"})) {
    node.kind = Node::Kind::kBool;
  } else {
    return false;
  }
  return true;
}

void SetDouble(Node& node, double value) {
  node.kind = Node::Kind::kDouble;
  node.number = value;
}

bool ResolveSpecialFloat(Node& node) {
  std::string_view text = node.text;
  if (IsOneOf(text, {".nan", ".NaN", ".NAN"})) {
    SetDouble(node, std::numeric_limits<double>::quiet_NaN());
    return true;
  }
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (!IsOneOf(text, {".inf", ".Inf", ".INF"})) return false;
  const double infinity = std::numeric_limits<double>::infinity();
  SetDouble(node, negative ? -infinity : infinity);
  return true;
}

/// `digits` has been checked to be digits of `base`.
void SetInteger(Node& node, bool negative, std::string_view digits, int base) {
  std::uint64_t magnitude = 0;
  const auto parsed =
      std::from_chars(digits.data(), digits.data() + digits.size(), magnitude, base);
  constexpr std::uint64_t kSignBit = std::uint64_t{1} << 63U;
  if (parsed.ec == std::errc() && !negative && magnitude >= kSignBit) {
    node.kind = Node::Kind::kUnsigned;
    node.unsigned_integer = magnitude;
  } else if (parsed.ec == std::errc() && magnitude <= kSignBit) {
    node.kind = Node::Kind::kInteger;
    node.integer = static_cast<std::int64_t>(negative ? ~magnitude + 1 : magnitude);
  } else {
    double value = 0;
    for (const char c : digits) {
      const int digit = IsDigit(c) ? c - '0' : (c | 0x20) - 'a' + 10;
      value = value * base + digit;
    }
    // Decimal digits are rounded once, by the library; the loop above rounds at each step.
    if (base == 10) std::from_chars(digits.data(), digits.data() + digits.size(), value);
    SetDouble(node, negative ? -value : value);
  }
}

bool ResolvePrefixedInteger(Node& node) {
  const std::string_view text = node.text;
  const bool hex = text.starts_with("0x");
  if (text.size() < 3 || (!hex && !text.starts_with("0o"))) return false;
  const std::string_view digits = text.substr(2);
  const char* allowed = hex ? "0123456789abcdefABCDEF" : "01234567";
  if (digits.find_first_not_of(allowed) != std::string_view::npos) return false;
  SetInteger(node, false, digits, hex ? 16 : 8);
  return true;
}

std::size_t SkipDigits(std::string_view text, std::size_t at) {
  while (at < text.size() && IsDigit(text[at])) ++at;
  return at;
}

/// [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?
bool ResolveDecimal(Node& node) {
  std::string_view text = node.text;
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  std::size_t at = SkipDigits(text, 0);
  const bool whole = at > 0;
  if (whole && at == text.size()) {
    SetInteger(node, negative, text, 10);
    return true;
  }
  if (at < text.size() && text[at] == '.') {
    const std::size_t fraction = SkipDigits(text, at + 1);
    if (!whole && fraction == at + 1) return false;
    at = fraction;
  } else if (!whole) {
    return false;
  }
  if (at < text.size() && (text[at] | 0x20) == 'e') {
    std::size_t exponent = at + 1;
    if (exponent < text.size() && (text[exponent] == '-' || text[exponent] == '+')) ++exponent;
    at = SkipDigits(text, exponent);
    if (at == exponent) return false;
  }
  if (at != text.size()) return false;
  double value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (parsed.ec == std::errc::result_out_of_range) {
    const bool tiny =
        text.find("e-") != std::string_view::npos || text.find("E-") != std::string_view::npos;
    value = tiny ? 0 : std::numeric_limits<double>::infinity();
  }
  SetDouble(node, negative ? -value : value);
  return true;
}

}  // namespace

void ResolvePlainScalar(Node& node) {
  if (ResolveWord(node) || ResolveSpecialFloat(node) || ResolvePrefixedInteger(node)) return;
  if (!ResolveDecimal(node)) node.kind = Node::Kind::kString;
}

bool NumberOf(const Node& node, double* number) {
  Node copy;
  const Node* typed = &node;
  if (node.kind == Node::Kind::kString) {
    copy.text = node.text;
    ResolvePlainScalar(copy);
    typed = &copy;
  }
  switch (typed->kind) {
    case Node::Kind::kInteger:
      *number = static_cast<double>(typed->integer);
      return true;
    case Node::Kind::kUnsigned:
      *number = static_cast<double>(typed->unsigned_integer);
      return true;
    case Node::Kind::kDouble:
      *number = typed->number;
      return true;
    default:
      return false;
  }
}

}  // namespace auditflow::sigma
