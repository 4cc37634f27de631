#include "src/match/pattern.hpp"

#include <string>

#include <gtest/gtest.h>

namespace auditflow::match {
namespace {

/// The parts with wildcards marked, so that a literal star shows as itself.
std::string Show(const Pattern& pattern) {
  std::string shown;
  for (const Pattern::Part& part : pattern.parts) {
    shown += part.kind == Pattern::PartKind::kText  ? "[" + part.text + "]"
             : part.kind == Pattern::PartKind::kAny ? "any"
                                                    : "one";
  }
  return shown;
}

TEST(ParsePattern, KnowsWhichWildcardsAreEscaped) {
  struct Row {
    const char* text;
    const char* parts;
  };
  const Row rows[] = {
      {"", ""},
      {R"(a*b?c)", "[a]any[b]one[c]"},
      {R"(\*\?)", "[*?]"},
      {R"(a\b)", R"([a\b])"},
      {R"(\\a)", R"([\a])"},
      {R"(\\*)", R"([\]any)"},
      {R"(\\\*)", R"([\*])"},
      {R"(\\\a)", R"([\\a])"},
      {R"(\\\\a)", R"([\\a])"},
      {R"(a\)", R"([a\])"},
      {"a**b", "[a]any[b]"},
      {"??", "oneone"},
  };
  for (const Row& row : rows) EXPECT_EQ(Show(ParsePattern(row.text)), row.parts) << row.text;
}

TEST(Pattern, OpenEndKeepsATrailingBackslash) {
  Pattern pattern = ParsePattern("a\\");
  OpenEnd(pattern);
  OpenEnd(pattern);
  OpenStart(pattern);
  OpenStart(pattern);
  EXPECT_EQ(Show(pattern), "any[a\\]any");
}

TEST(FitsPattern, MatchesTheWholeText) {
  struct Row {
    const char* pattern;
    const char* text;
    bool fits;
  };
  const Row rows[] = {
      {"", "", true},
      {"", "a", false},
      {"abc", "ABC", true},
      {"abc", "abcd", false},
      {"a*", "a", true},
      {"a*c", "abbc\nc", true},
      {"a*c", "ab", false},
      {"*a*b*", "xxaxxbxx", true},
      {"*a*b*", "xxbxxaxx", false},
      {"?", "é", true},
      {"?", "\n", true},
      {"?", "", false},
      {"??", "é", false},
      {"*?", "é", true},
      {"a?c", "a😀c", true},
      {"*aab", "aaab", true},
      {"*ÄÖ", "xäö", true},
      {"k", "\u212A", true},
      {"*?b", "b", false},
      {"?*?", "a", false},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(FitsPattern(ParsePattern(row.pattern), row.text), row.fits)
        << row.pattern << " on " << row.text;
  }
}

TEST(FitsPattern, MindsLetterCaseWhenCased) {
  Pattern pattern = ParsePattern("aB*");
  pattern.cased = true;
  EXPECT_TRUE(FitsPattern(pattern, "aBc"));
  EXPECT_FALSE(FitsPattern(pattern, "abc"));
}

TEST(FitsPattern, ManyStarsStayCheap) {
  std::string stars;
  for (int i = 0; i < 200; ++i) stars += "a*";
  EXPECT_FALSE(FitsPattern(ParsePattern(stars + "b"), std::string(20'000, 'a')));
}

}  // namespace
}  // namespace auditflow::match
