#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string>
#include <string_view>

#include <arpa/inet.h>
#include <netinet/in.h>

#include "src/sigma/modifiers.hpp"
#include "src/sigma/scalar.hpp"
#include "src/sigma/text.hpp"

namespace auditflow::sigma {
namespace {

bool Has(const DetectionItem& item, Modifier modifier) {
  return std::find(item.modifiers.begin(), item.modifiers.end(), modifier) != item.modifiers.end();
}

bool HasAny(const DetectionItem& item, Modifier first, Modifier last) {
  return std::any_of(item.modifiers.begin(), item.modifiers.end(),
                     [&](Modifier m) { return m >= first && m <= last; });
}

/// The modifiers that leave a value's type alone.
bool OnlyListModifiers(const DetectionItem& item) {
  return std::all_of(item.modifiers.begin(), item.modifiers.end(), [](Modifier m) {
    return m == Modifier::kAll || m == Modifier::kNeq || m == Modifier::kCased;
  });
}

void WrongValue(const Node& value, Reporter& reporter, std::string_view modifier,
                std::string_view expected) {
  reporter.Invalid(value.location, "wrong-value",
                   "'" + std::string(modifier) + "' needs " + std::string(expected) + ", not " +
                       (value.kind == Node::Kind::kNull ? "null" : Quote(value.text)));
}

void CheckNumber(const Node& value, bool date_part, Reporter& reporter) {
  double number = 0;
  const std::string_view what = date_part ? "date parts" : "lt, lte, gt, gte";
  if (!NumberOf(value, &number) || std::isnan(number)) {
    return WrongValue(value, reporter, what, "a number");
  }
  if (date_part && std::floor(number) != number) {
    WrongValue(value, reporter, what, "a whole number");
  }
}

/// An address, alone or with the length of its prefix.
bool IsNetwork(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::string address(text.substr(0, slash));
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  const bool v4 = inet_pton(AF_INET, address.c_str(), bytes.data()) == 1;
  if (!v4 && inet_pton(AF_INET6, address.c_str(), bytes.data()) != 1) return false;
  if (slash == std::string_view::npos) return true;
  const std::string_view prefix = text.substr(slash + 1);
  unsigned length = 0;
  const char* end = prefix.data() + prefix.size();
  const auto parsed = std::from_chars(prefix.data(), end, length);
  return parsed.ec == std::errc() && parsed.ptr == end && length <= (v4 ? 32U : 128U);
}

bool HasWildcard(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '*' || text[i] == '?') {
      return true;
    }
  }
  return false;
}

void CheckValue(const DetectionItem& item, const Node& value, Reporter& reporter) {
  const bool null = value.kind == Node::Kind::kNull;
  if (Has(item, Modifier::kExists)) {
    const std::string lower = AsciiLower(value.text);
    const bool boolean = value.kind == Node::Kind::kBool || lower == "true" || lower == "false";
    if (!boolean) WrongValue(value, reporter, "exists", "true or false");
  } else if (HasAny(item, Modifier::kLt, Modifier::kYear)) {
    CheckNumber(value, HasAny(item, Modifier::kMinute, Modifier::kYear), reporter);
  } else if (null && !OnlyListModifiers(item)) {
    WrongValue(value, reporter, ToString(item.modifiers.front()), "a value");
  } else if (Has(item, Modifier::kCidr) && !Has(item, Modifier::kExpand) &&
             !IsNetwork(value.text)) {
    WrongValue(value, reporter, "cidr", "a network like 10.0.0.0/8 or fe80::/10");
  } else if (Has(item, Modifier::kFieldRef) && value.text.empty()) {
    WrongValue(value, reporter, "fieldref", "the name of a field");
  } else if (HasAny(item, Modifier::kBase64, Modifier::kBase64Offset) && HasWildcard(value.text)) {
    WrongValue(value, reporter,
               ToString(Has(item, Modifier::kBase64) ? Modifier::kBase64 : Modifier::kBase64Offset),
               "text without wildcards (write \\* for a star)");
  } else if (Has(item, Modifier::kExpand) && value.text.find('%') == std::string::npos) {
    reporter.Warn(value.location, "no-placeholder",
                  "'expand' finds no %placeholder% in " + Quote(value.text));
  }
}

}  // namespace

void CheckValues(const DetectionItem& item, Reporter& reporter) {
  if (Has(item, Modifier::kAll) && item.values.size() == 1) {
    reporter.Warn(item.location, "all-single", "'all' has no effect on a single value");
  }
  if (Has(item, Modifier::kExists) && item.values.size() > 1) {
    reporter.Invalid(item.location, "wrong-value", "'exists' takes one value, true or false");
  }
  for (const Node& value : item.values) CheckValue(item, value, reporter);
}

}  // namespace auditflow::sigma
