#include "src/match/literal_guard.hpp"

#include <algorithm>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "auditflow/core/random.hpp"
#include "auditflow/event/event.hpp"

#include "src/match/atom_class.hpp"
#include "src/match/atom_question.hpp"
#include "src/match/atom_table.hpp"
#include "src/match/formula.hpp"
#include "src/match/pattern.hpp"
#include "src/match/regex.hpp"
#include "src/match/trigger_selection.hpp"

/// What the compiled engine skips must not have matched: a guard lets through every text for which
/// its test holds, and a rule that holds for an event has had one of its triggers set.
namespace auditflow::match {
namespace {

class Random {
 public:
  explicit Random(std::uint64_t seed) : source_(SeededRandom(seed)) {}
  std::size_t Below(std::size_t bound) { return static_cast<std::size_t>(source_->Below(bound)); }
  std::string Pick(std::initializer_list<const char*> choices) {
    return *(choices.begin() + static_cast<std::ptrdiff_t>(Below(choices.size())));
  }
  std::string Join(std::size_t most, std::initializer_list<const char*> choices) {
    std::string text;
    for (std::size_t i = Below(most + 1); i > 0; --i) text += Pick(choices);
    return text;
  }

 private:
  std::unique_ptr<RandomSource> source_;
};

bool LetsThrough(const std::vector<Pattern>& guard, std::string_view text) {
  return std::any_of(guard.begin(), guard.end(),
                     [&](const Pattern& pattern) { return FitsPattern(pattern, text); });
}

std::string RandomText(Random& random) {
  return random.Join(8, {"abc", "ABC", "abcd", "xyz", "Xyz", "a", "b", "\n", " ", "1", "foo",
                         "\xC3\xA4", "\xC3\x84", "\xE2\x84\xAA", "k", "\xC5\xBF", "s", "."});
}

TEST(LiteralGuard, OfAGlobLetsEveryTextThroughThatFits) {
  std::size_t fitting = 0;
  for (std::uint64_t seed = 0; seed < 3'000; ++seed) {
    Random random(seed);
    Pattern glob =
        ParsePattern(random.Join(6, {"abc", "a", "*", "?", "\xC3\xA4", "xyz", "k", "s", "foo"}));
    glob.cased = random.Below(3) == 0;
    const std::vector<Pattern> guard = LiteralGuard(MatchesPattern{glob});
    ASSERT_FALSE(guard.empty());
    for (const Pattern& pattern : guard) ASSERT_NE(ShapeOf(pattern), PatternShape::kGlob);
    for (int i = 0; i < 60; ++i) {
      const std::string text = RandomText(random);
      if (!FitsPattern(glob, text)) continue;
      ++fitting;
      ASSERT_TRUE(LetsThrough(guard, text)) << "seed " << seed << ", text " << text;
    }
  }
  EXPECT_GT(fitting, 5'000U);
}

TEST(LiteralGuard, OfARegexLetsEveryTextThroughInWhichItIsFound) {
  std::size_t found = 0;
  for (std::uint64_t seed = 0; seed < 3'000; ++seed) {
    Random random(seed);
    const std::string regex =
        random.Pick({"", "", "(?i)", "(?s)", "(?im)"}) +
        random.Join(5, {"abc",    "(abc|xyz)", "(?:foo|a.c)", "[a-c]+",   "x?",
                        "\\d",    ".*",        "(abc)?",      "(?i:xyz)", "^",
                        "$",      "a{2,3}",    "(abc|)",      "foo",      "[^x]",
                        "\\bfoo", "K",         "s",           "\xC3\xA4", "(?i:\xC3\xA4)bc",
                        "\\x61bc"});
    const auto compiled = CompileRegex(regex, 1 << 20);
    if (!compiled) continue;
    const std::vector<Pattern> guard = LiteralGuard(MatchesRegex{regex});
    ASSERT_FALSE(guard.empty());
    for (int i = 0; i < 60; ++i) {
      const std::string text = RandomText(random);
      if (!FindsRegex(**compiled, text)) continue;
      ++found;
      ASSERT_TRUE(LetsThrough(guard, text)) << "regex " << regex << ", text " << text;
    }
  }
  EXPECT_GT(found, 20'000U);
}

TEST(LiteralGuard, OfARegexWithALongWordHoldsBackTextsWithoutIt) {
  const auto guard = LiteralGuard(MatchesRegex{"\\s(?i:powershell)\\.exe"});
  EXPECT_TRUE(LetsThrough(guard, "run PowerShell.exe"));
  EXPECT_FALSE(LetsThrough(guard, "cmd.exe"));
}

/// Random expressions over a handful of atoms of every class.
class Expressions {
 public:
  explicit Expressions(Random& random) : random_(random) {}

  Expression Make(int depth) {
    using Kind = Expression::Kind;
    if (depth == 0 || random_.Below(4) == 0) return {Kind::kAtom, MakeAtom(), {}};
    Expression expression;
    const std::size_t kind = random_.Below(5);
    expression.kind = kind == 0 ? Kind::kNot : kind < 3 ? Kind::kAnd : Kind::kOr;
    const std::size_t children = expression.kind == Kind::kNot ? 1 : random_.Below(4);
    for (std::size_t i = 0; i < children; ++i) expression.children.push_back(Make(depth - 1));
    return expression;
  }

 private:
  Atom MakeAtom() {
    const std::string field = random_.Pick({"a", "b", "c"});
    switch (random_.Below(7)) {
      case 0:
        return {field, IsNull{}};
      case 1:
        return {field, FieldExists{random_.Below(2) == 0}};
      case 2:
        return {field, EqualsNumber{Number(std::int64_t{1})}};
      case 3:
        return {field, EqualsBool{true}};
      case 4:
        return {field, MatchesRegex{random_.Pick({"abc", "[a-c]+", "(foo|xyz)1"})}};
      default:
        return {field, MatchesPattern{ParsePattern(
                           random_.Pick({"abc", "*abc*", "abc*", "*1", "a*c", "?", "*", ""}))}};
    }
  }
  Random& random_;
};

std::string RandomEvent(Random& random) {
  std::string json;
  for (const char* field : {"a", "b", "c"}) {
    if (random.Below(3) == 0) continue;
    json += (json.empty() ? "{\"" : ", \"") + std::string(field) + "\": " +
            random.Pick({"null", "true", "1", "\"abc\"", "\"1\"", "\"xabcx\"", "\"foo1\"", "\"\"",
                         "[]", "[null, \"abc\"]", "{}", "\"a\"", "false"});
  }
  return json.empty() ? "{}" : json + "}";
}

bool Holds(const Formula& formula, const std::vector<bool>& answers) {
  const auto holds = [&](const Formula& child) { return Holds(child, answers); };
  switch (formula.kind) {
    case Expression::Kind::kAtom:
      return answers[formula.atom];
    case Expression::Kind::kNot:
      return !holds(formula.children.front());
    case Expression::Kind::kAnd:
      return std::all_of(formula.children.begin(), formula.children.end(), holds);
    case Expression::Kind::kOr:
      return std::any_of(formula.children.begin(), formula.children.end(), holds);
  }
  return false;
}

std::vector<bool> Answers(const AtomTable& atoms, const event::Event& event) {
  std::vector<bool> answers;
  for (AtomId id = 0; id < atoms.size(); ++id) {
    const auto* regex = std::get_if<MatchesRegex>(&atoms[id].test);
    const auto compiled = regex != nullptr ? CompileRegex(regex->regex, 1 << 20).value() : nullptr;
    answers.push_back(AtomHolds(atoms[id], compiled.get(), event));
  }
  return answers;
}

TEST(SelectTriggers, OneIsSetWheneverTheFormulaHolds) {
  event::EventParser parser;
  const event::Event empty = *parser.Parse("{}");
  std::size_t held = 0;
  for (std::uint64_t seed = 0; seed < 1'500; ++seed) {
    Random random(seed);
    AtomTable atoms;
    const Formula formula = FormulaBuilder(atoms).Build(Expressions(random).Make(3));
    const std::optional<std::vector<AtomId>> triggers = SelectTriggers(formula, atoms);
    if (!triggers) continue;
    const std::vector<bool> by_default = Answers(atoms, empty);
    for (int i = 0; i < 20; ++i) {
      const std::string json = RandomEvent(random);
      const std::vector<bool> answers = Answers(atoms, *parser.Parse(json));
      if (!Holds(formula, answers)) continue;
      ++held;
      EXPECT_TRUE(std::any_of(
          triggers->begin(), triggers->end(),
          [&](AtomId id) { return answers[id] && !by_default[id] && !IsLazy(atoms[id].test); }))
          << "seed " << seed << ": " << json;
    }
  }
  EXPECT_GT(held, 1'000U);
}

}  // namespace
}  // namespace auditflow::match
