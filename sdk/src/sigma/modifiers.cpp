#include "src/sigma/modifiers.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "src/sigma/text.hpp"

namespace auditflow::sigma {
namespace {

/// What the modifiers so far have made of a value.
enum State : std::uint16_t {
  kFresh = 1U << 0U,     ///< as written
  kText = 1U << 1U,      ///< a changed string
  kPartial = 1U << 2U,   ///< a string with wildcards put at its ends
  kWideText = 1U << 3U,  ///< UTF-16 bytes
  kRegex = 1U << 4U,
  kNetwork = 1U << 5U,
  kReference = 1U << 6U,  ///< the value of another field
  kCompare = 1U << 7U,    ///< a number to compare with
  kDatePart = 1U << 8U,   ///< a number to compare a part of a date with
  kDateCompare = 1U << 9U,
  kExistence = 1U << 10U,
};
constexpr std::uint16_t kSame = 0;  ///< as a result: the state stays

struct Transition {
  std::uint16_t from;
  std::uint16_t to;
};

struct Rule {
  std::string_view name;  ///< the canonical one; aliases follow in kAliases
  Modifier modifier;
  std::array<Transition, 3> transitions;
  std::string_view hint;  ///< says where the modifier may stand
};

constexpr std::uint16_t kAnyButExistence = (1U << 10U) - 1U;
constexpr std::array<Transition, 3> kSubstring = {
    {{kFresh | kText | kPartial, kPartial}, {kRegex | kReference, kSame}, {0, 0}}};
constexpr std::array<Transition, 3> First(std::uint16_t to) { return {{{kFresh, to}, {}, {}}}; }
constexpr std::array<Transition, 3> kString = {
    {{kFresh | kText, kText}, {kPartial, kPartial}, {0, 0}}};
constexpr std::array<Transition, 3> kEncode = {{{kFresh | kText | kWideText, kText}, {}, {}}};
constexpr std::array<Transition, 3> kWiden = {{{kFresh | kText, kWideText}, {}, {}}};
constexpr std::array<Transition, 3> kFlag = {{{kRegex, kRegex}, {}, {}}};
constexpr std::array<Transition, 3> kList = {{{kAnyButExistence, kSame}, {}, {}}};
constexpr std::array<Transition, 3> kOrder = {
    {{kFresh, kCompare}, {kDatePart, kDateCompare}, {0, 0}}};
constexpr std::array<Transition, 3> kPart = {
    {{kFresh, kDatePart}, {kCompare, kDateCompare}, {0, 0}}};
constexpr std::array<Transition, 3> kPlaceholder = {
    {{kFresh | kText | kPartial | kRegex | kNetwork, kSame}, {}, {}}};

constexpr std::string_view kSubstringHint =
    "it takes strings, regular expressions ('re' before it) and field references ('fieldref' "
    "before it)";
constexpr std::string_view kFirstHint = "it must be the first modifier that changes the value";
constexpr std::string_view kFlagHint = "it must follow 're'";
constexpr std::string_view kStringHint = "it takes strings only";
constexpr std::string_view kEncodeHint =
    "it takes plain or UTF-16 strings; put 'contains', 'startswith' and 'endswith' after it";
constexpr std::string_view kWidenHint = "it must stand before 'base64' or 'base64offset'";
constexpr std::string_view kOrderHint = "it takes a number and combines with date parts only";
constexpr std::string_view kAloneHint = "it combines with nothing";

constexpr std::array<Rule, 31> kRules = {{
    {"contains", Modifier::kContains, kSubstring, kSubstringHint},
    {"startswith", Modifier::kStartsWith, kSubstring, kSubstringHint},
    {"endswith", Modifier::kEndsWith, kSubstring, kSubstringHint},
    {"all", Modifier::kAll, kList, kAloneHint},
    {"exists", Modifier::kExists, First(kExistence), kAloneHint},
    {"cased", Modifier::kCased, kString, kStringHint},
    {"neq", Modifier::kNeq, kList, kAloneHint},
    {"windash", Modifier::kWindash, kString, kStringHint},
    {"re", Modifier::kRe, First(kRegex), kFirstHint},
    {"i", Modifier::kReIgnoreCase, kFlag, kFlagHint},
    {"m", Modifier::kReMultiline, kFlag, kFlagHint},
    {"s", Modifier::kReDotAll, kFlag, kFlagHint},
    {"base64", Modifier::kBase64, kEncode, kEncodeHint},
    {"base64offset", Modifier::kBase64Offset, kEncode, kEncodeHint},
    {"utf16le", Modifier::kUtf16Le, kWiden, kWidenHint},
    {"utf16be", Modifier::kUtf16Be, kWiden, kWidenHint},
    {"utf16", Modifier::kUtf16, kWiden, kWidenHint},
    {"wide", Modifier::kWide, kWiden, kWidenHint},
    {"lt", Modifier::kLt, kOrder, kOrderHint},
    {"lte", Modifier::kLte, kOrder, kOrderHint},
    {"gt", Modifier::kGt, kOrder, kOrderHint},
    {"gte", Modifier::kGte, kOrder, kOrderHint},
    {"minute", Modifier::kMinute, kPart, kOrderHint},
    {"hour", Modifier::kHour, kPart, kOrderHint},
    {"day", Modifier::kDay, kPart, kOrderHint},
    {"week", Modifier::kWeek, kPart, kOrderHint},
    {"month", Modifier::kMonth, kPart, kOrderHint},
    {"year", Modifier::kYear, kPart, kOrderHint},
    {"cidr", Modifier::kCidr, First(kNetwork), kFirstHint},
    {"expand", Modifier::kExpand, kPlaceholder,
     "it takes strings, regular expressions and networks"},
    {"fieldref", Modifier::kFieldRef, First(kReference), kFirstHint},
}};

struct Alias {
  std::string_view alias;
  std::string_view name;
};
constexpr std::array<Alias, 3> kAliases = {
    {{"ignorecase", "i"}, {"multiline", "m"}, {"dotall", "s"}}};

/// A chain has no use for more; the bound keeps messages and checks small.
constexpr std::size_t kMaxChain = 16;

const Rule* FindRule(std::string_view name) {
  for (const Alias& alias : kAliases) {
    if (alias.alias == name) name = alias.name;
  }
  const auto* const found =
      std::find_if(kRules.begin(), kRules.end(), [&](const Rule& r) { return r.name == name; });
  return found == kRules.end() ? nullptr : found;
}

std::string Suggest(std::string_view name) {
  std::array<std::string_view, kRules.size() + kAliases.size()> names;
  auto* end = std::transform(kRules.begin(), kRules.end(), names.begin(),
                             [](const Rule& rule) { return rule.name; });
  std::transform(kAliases.begin(), kAliases.end(), end,
                 [](const Alias& alias) { return alias.alias; });
  return DidYouMean(name, names);
}

bool MayRepeat(Modifier modifier) {
  return modifier == Modifier::kBase64 || modifier == Modifier::kBase64Offset;
}

class Chain {
 public:
  Chain(const SourceLocation& location, Reporter& reporter)
      : location_(location), reporter_(reporter) {}

  bool Add(std::string_view name) {
    const Rule* rule = FindRule(name);
    if (name.empty()) return Refuse("unknown-modifier", "a modifier is missing between two '|'");
    if (rule == nullptr) {
      return Refuse("unknown-modifier", "unknown modifier " + Quote(name) + Suggest(name));
    }
    if (modifiers_.size() >= kMaxChain) return Refuse("limit", "too many modifiers");
    const bool seen =
        std::find(modifiers_.begin(), modifiers_.end(), rule->modifier) != modifiers_.end();
    if (seen && !MayRepeat(rule->modifier)) {
      return Refuse("modifier-order", "modifier " + Quote(name) + " stands here twice");
    }
    return Apply(*rule, name);
  }

  bool End() {
    if (state_ != kWideText) return true;
    return Refuse("modifier-order",
                  "modifier " + Quote(last_) + " has no 'base64' or 'base64offset' after it");
  }

  std::vector<Modifier> Take() { return std::move(modifiers_); }

 private:
  bool Apply(const Rule& rule, std::string_view name) {
    for (const Transition& transition : rule.transitions) {
      if ((transition.from & state_) == 0) continue;
      if (rule.modifier == Modifier::kExists && !modifiers_.empty()) break;
      if (transition.to != kSame) state_ = transition.to;
      modifiers_.push_back(rule.modifier);
      last_ = name;
      return true;
    }
    return Refuse("modifier-order", "modifier " + Quote(name) + " cannot follow " + Quote(last_) +
                                        ": " + std::string(rule.hint));
  }

  bool Refuse(std::string code, std::string message) {
    reporter_.Invalid(location_, std::move(code), std::move(message));
    return false;
  }

  const SourceLocation& location_;
  Reporter& reporter_;
  std::vector<Modifier> modifiers_;
  std::uint16_t state_ = kFresh;
  std::string_view last_;
};

}  // namespace

std::string_view ToString(Modifier modifier) {
  const auto* const found = std::find_if(
      kRules.begin(), kRules.end(), [&](const Rule& rule) { return rule.modifier == modifier; });
  return found == kRules.end() ? "" : found->name;
}

std::optional<std::vector<Modifier>> ParseModifiers(std::string_view chain,
                                                    const SourceLocation& location,
                                                    Reporter& reporter) {
  Chain parsed(location, reporter);
  while (true) {
    const std::size_t bar = chain.find('|');
    if (!parsed.Add(chain.substr(0, bar))) return std::nullopt;
    if (bar == std::string_view::npos) break;
    chain.remove_prefix(bar + 1);
  }
  if (!parsed.End()) return std::nullopt;
  return parsed.Take();
}

}  // namespace auditflow::sigma
