#include "src/match/lower.hpp"

#include <string>

#include <gtest/gtest.h>
#include <re2/re2.h>

#include "src/match/encoding.hpp"
#include "src/match/regex.hpp"
#include "tests/match/naive_rules.hpp"

namespace auditflow::match {
namespace {

TEST(Lower, RefusesByCodeWhatItCannotEvaluate) {
  struct Row {
    const char* selection;
    const char* code;
  };
  const Row rows[] = {
      {"{f|re: 'a(?=b)'}", "regex-lookaround"},
      {"{f|re: '(?<!a)b'}", "regex-lookaround"},
      {R"({f|re: '(a)\1'})", "regex-backreference"},
      {"{f|re: '(?P<x>a)(?P=x)'}", "regex-backreference"},
      {"{f|re: 'a++'}", "regex-possessive"},
      {"{f|re: '(?>a)b'}", "regex-group"},
      {"{f|re: '(a'}", "regex-syntax"},
      {"{f|re: '((a{1000}){1000}){1000}'}", "regex-too-large"},
      {"{f|expand: '%admins%'}", "placeholder-unresolved"},
      {"{f|base64offset|contains: 'a'}", "base64-too-short"},
      {"{f|windash: '-a -b -c -d -e -f'}", "expansion-too-large"},
  };
  for (const Row& row : rows) {
    const NaiveRules rules = NaiveRules::OfSelection(row.selection);
    EXPECT_EQ(rules.FirstErrorCode(), row.code) << row.selection << "\n" << rules.Report();
    EXPECT_FALSE(rules.Matches(R"({"f": "a"})")) << row.selection;
    for (const auto& diagnostic : rules.diagnostics()) EXPECT_NE(diagnostic.location.line, 0U);
  }
}

// An expression whose automaton doubles with each of its states, and a value that walks through all
// of them, would else take memory without end.
TEST(Lower, BoundsTheAutomataOfARegexToo) {
  CompileOptions options;
  options.max_regex_bytes = std::int64_t{3} << 20U;
  const NaiveRules rules = NaiveRules::OfSelection("{f|re: 'a.{20}c.{20}q'}", options);
  ASSERT_TRUE(rules.expressions().front());
  const auto& test = std::get<MatchesRegex>(rules.expressions().front()->atom.test);
  ASSERT_NE(test.program, nullptr);
  EXPECT_EQ(test.program->options().max_mem(), options.max_regex_bytes);
}

TEST(Lower, ResolvesPlaceholdersFromTheConfiguration) {
  CompileOptions options;
  options.placeholders["nets"] = {"10.0.0.0/8", "fe80::/10"};
  options.placeholders["names"] = {"adm*", "a.b"};
  const auto holds = [&](const char* selection, const char* event) {
    return NaiveRules::OfSelection(selection, options).Matches(event);
  };
  EXPECT_TRUE(holds("{f|cidr|expand: '%nets%'}", R"({"f": "10.1.2.3"})"));
  EXPECT_FALSE(holds("{f|cidr|expand: '%nets%'}", R"({"f": "11.1.2.3"})"));
  EXPECT_TRUE(holds("{f|expand: 'x%names%'}", R"({"f": "xADMIN"})"));
  EXPECT_TRUE(holds("{f|re|expand: '^%names%$'}", R"({"f": "a.b"})"));
  EXPECT_FALSE(holds("{f|re|expand: '^%names%$'}", R"({"f": "axb"})"));
  EXPECT_TRUE(holds(R"({f|expand: '50\%'})", R"({"f": "50%"})"));
}

TEST(Base64At, KeepsWhatTheValueAloneDecides) {
  const std::string value = "http://";
  for (std::size_t length = 2; length <= value.size(); ++length) {
    const std::string part = value.substr(0, length);
    for (std::size_t offset = 0; offset < kBase64Offsets; ++offset) {
      const std::string wanted = Base64At(part, offset);
      for (const char* tail : {"", "\xFF", "\x01\x02\x03"}) {
        const std::string whole = std::string(offset + 3, 'x') + part + tail;
        EXPECT_NE(Base64(whole).find(wanted), std::string::npos) << part << " at " << offset;
      }
    }
  }
  EXPECT_EQ(Base64At("foobar", 0), "Zm9vYmFy");
  EXPECT_EQ(Base64At("foobar", 1), "Zvb2Jhc");
  EXPECT_EQ(Base64At("foobar", 2), "mb29iYX");
}

TEST(TranslateRegex, RespellsWhatRe2SpellsOtherwise) {
  struct Row {
    const char* pcre;
    const char* text;
    bool found;
  };
  const Row rows[] = {
      {R"(\/\-\"\%\'\_\#)", "/-\"%'_#", true},
      {R"((?<name>a)b)", "ab", true},
      {R"((?'name'a)b)", "ab", true},
      {R"(a\hb)", "a\tb", true},
      {R"([\h]b)", " b", true},
      {R"(a\Z)", "a\n", true},
      {R"(a(?#comment)b)", "ab", true},
      {R"(\u0041)", "A", true},
      {R"([]a]+x)", "]x", true},
      {R"([(?=]+)", "(?=", true},
      {R"(\(?=a)", "=a", true},
      {R"(a\++b)", "a++b", true},
      {R"([+]+b)", "++b", true},
      {R"(a.b)", "a\nb", false},
      {R"((?s)a.b)", "a\nb", true},
      {R"((a+)+$)", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", false},
  };
  for (const Row& row : rows) {
    const auto text = TranslateRegex(row.pcre);
    ASSERT_TRUE(text.has_value()) << row.pcre << ": " << text.error().message;
    const auto regex = CompileRegex(*text, std::int64_t{8} << 20U);
    ASSERT_TRUE(regex.has_value()) << row.pcre << ": " << regex.error().message;
    EXPECT_EQ(FindsRegex(**regex, row.text), row.found) << row.pcre << " on " << row.text;
  }
}

}  // namespace
}  // namespace auditflow::match
