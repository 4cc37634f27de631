#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "auditflow/event/event.hpp"
#include "auditflow/match/matcher.hpp"
#include "auditflow/match/rule_set.hpp"
#include "auditflow/sigma/link.hpp"
#include "auditflow/sigma/loader.hpp"

namespace auditflow::match {
namespace {

/// A rule of which the test gives the search identifiers and the condition.
std::string Rule(const std::string& detection, const std::string& title = "T",
                 const std::string& product = "p") {
  return "title: " + title + "\nlogsource: {product: " + product + "}\ndetection:\n" + detection +
         "level: low\n";
}

template <class Text>
std::string Repeat(int count, const Text& text, const std::string& between = "") {
  std::string all;
  for (int i = 0; i < count; ++i) all += (i == 0 ? "" : between) + text(std::to_string(i));
  return all;
}

class Compiled {
 public:
  explicit Compiled(const std::string& yaml, const CompileOptions& options = {}) {
    sigma::LoadResult loaded = sigma::LoadText(yaml, "rules.yml");
    EXPECT_FALSE(sigma::HasErrors(loaded.diagnostics)) << loaded.diagnostics.front().ToString();
    sigma::LinkResult link = sigma::Link(std::move(loaded.rules));
    EXPECT_TRUE(link.diagnostics.empty()) << link.diagnostics.front().ToString();
    result_ = RuleSet::Compile(link.linked, options);
  }

  /// "line:column code" of each, in order.
  [[nodiscard]] std::vector<std::string> Problems() const {
    std::vector<std::string> problems;
    for (const sigma::Diagnostic& d : result_.diagnostics) {
      problems.push_back(std::to_string(d.location.line) + ":" + std::to_string(d.location.column) +
                         " " + d.code);
    }
    return problems;
  }
  [[nodiscard]] std::size_t rules() const { return result_.rule_set->rule_count(); }
  [[nodiscard]] RuleSet::Statistics statistics() const { return result_.rule_set->statistics(); }
  [[nodiscard]] bool Matches(const std::string& json) const {
    auto event = event::EventParser().Parse(json);
    EXPECT_TRUE(event);
    return !Matcher(result_.rule_set).Match(*event).empty();
  }

 private:
  CompileResult result_;
};

using Problems = std::vector<std::string>;

std::string Alternatives(int count) {
  return "  s:\n    f:\n" + Repeat(count, [](const auto& i) { return "      - v" + i + "\n"; }) +
         "  condition: s\n";
}

TEST(RuleSetBounds, AMillionAlternativesAreRefusedWithTheirPlace) {
  const Compiled rules(Rule(Alternatives(1'000'000)));
  EXPECT_EQ(rules.Problems(), Problems{"5:5 rule-too-large"});
  EXPECT_EQ(rules.rules(), 0U);
}

TEST(RuleSetBounds, ManyAlternativesWithinTheBoundWork) {
  const Compiled rules(Rule(Alternatives(100'000)));
  EXPECT_EQ(rules.Problems(), Problems{});
  EXPECT_TRUE(rules.Matches(R"({"f": "v99999"})"));
  EXPECT_FALSE(rules.Matches(R"({"f": "v100000"})"));
}

TEST(RuleSetBounds, CountTheQuestionsOfARule) {
  CompileOptions options;
  options.max_questions = 10;
  struct Row {
    const char* what;
    std::string detection;
    Problems problems;
  };
  const Row rows[] = {
      {"one value each", "  s: [{f: a, g: b}, {f: c}]\n  condition: s\n", {}},
      {"one too many", Alternatives(11), {"5:5 rule-too-large"}},
      {"in another identifier",
       "  a: {f: [a, b, c, d, e]}\n  b:\n    g: [1, 2, 3, 4, 5]\n  condition: a or b\n",
       {"6:5 rule-too-large"}},
      {"unused ones, too",
       "  a: {f: [a, b, c, d, e]}\n  b:\n    g: [1, 2, 3, 4, 5]\n  condition: a\n",
       {"6:5 rule-too-large"}},
      {"what values expand to",
       "  s:\n    f|windash|contains: [' -a', ' -b', ' -c']\n  condition: s\n",
       {"5:5 rule-too-large"}},
      {"repeated by the condition",
       "  a: {f: [a, b, c]}\n  condition: a or a or a\n",
       {"5:24 rule-too-large"}},
      {"many small ones",
       "  s:\n" + Repeat(11, [](const auto& i) { return "    f" + i + ": 1\n"; }) +
           "  condition: s\n",
       {"15:5 rule-too-large"}},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(Compiled(Rule(row.detection), options).Problems(), row.problems) << row.what;
  }
}

TEST(RuleSetBounds, CountFiltersWithTheirRules) {
  CompileOptions options;
  options.max_questions = 10;
  const auto filters = [](int count) {
    return Rule("  s: {f: a}\n  condition: s\n") + Repeat(count, [](const auto& i) {
             return "---\ntitle: F" + i +
                    "\nlogsource: {product: p}\nfilter:\n  rules: any\n  s: " +
                    "{f: [b, c]}\n  condition: not s\n";
           });
  };
  EXPECT_EQ(Compiled(filters(2), options).Problems(), Problems{});
  EXPECT_EQ(Compiled(filters(3), options).Problems(), Problems{"1:1 filters-too-large"});
}

TEST(RuleSetBounds, CountTheQuestionsOfAllRules) {
  CompileOptions options;
  options.max_questions_of_all = 100;
  const std::string rules = Repeat(
      10, [](const auto& i) { return Rule(Alternatives(15), "T" + i); }, "---\n");
  const Compiled compiled(rules, options);
  EXPECT_EQ(compiled.rules(), 6U);
  const Problems problems = compiled.Problems();
  ASSERT_EQ(problems.size(), 4U);
  EXPECT_EQ(problems.front(), "139:1 rules-too-large");
}

TEST(RuleSetBounds, CountFields) {
  CompileOptions options;
  options.max_fields = 10;
  const auto rules = [](int count) {
    return Repeat(
        count,
        [](const auto& i) { return Rule("  s: {f" + i + ": 1}\n  condition: s\n", "T" + i); },
        "---\n");
  };
  EXPECT_EQ(Compiled(rules(10), options).Problems(), Problems{});
  EXPECT_EQ(Compiled(rules(11), options).Problems(), Problems{"71:1 too-many-fields"});
  // What is known already does not count.
  EXPECT_EQ(Compiled(rules(10) + "---\n" + Rule("  s: {f0: 2}\n  condition: s\n", "X"), options)
                .Problems(),
            Problems{});
}

TEST(RuleSetBounds, CountLogsourcesThatAreRouted) {
  CompileOptions options;
  options.max_logsources = 3;
  const std::string rules = Repeat(
      5, [](const auto& i) { return Rule("  s: {f: 1}\n  condition: s\n", "T" + i, "p" + i); },
      "---\n");
  EXPECT_EQ(Compiled(rules, options).rules(), 5U);
  options.logsource_map = std::make_shared<const sigma::LinkedRules>();
  const Compiled routed(rules, options);
  EXPECT_EQ(routed.rules(), 3U);
  EXPECT_EQ(routed.Problems(),
            (Problems{"23:12 too-many-logsources", "30:12 too-many-logsources"}));
}

TEST(RuleSetBounds, RegularExpressionsThatCompileToMuchAreRefusedOneByOneAndTogether) {
  const auto regexes = [](int count, const std::string& regex) {
    return Rule("  s:\n    f|re:\n" +
                Repeat(count, [&](const auto& i) { return "      - '" + i + regex + "'\n"; }) +
                "  condition: s\n");
  };
  EXPECT_EQ(Compiled(regexes(1, "(.{1000}){1000}")).Problems(), Problems{"6:9 regex-too-large"});
  EXPECT_EQ(Compiled(regexes(1, "[\\p{L}\\p{N}]{1,500}")).Problems(),
            Problems{"6:9 regex-too-large"});
  CompileOptions options;
  options.max_regex_bytes_of_all = std::int64_t{1} << 20U;
  EXPECT_EQ(Compiled(regexes(2, "a{100}"), options).Problems(), Problems{});
  const Problems problems = Compiled(regexes(200, "a{100}"), options).Problems();
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_NE(problems.front().find("regex-total-too-large"), std::string::npos);
  // What fails has cost its time, too.
  options.max_regex_bytes = options.max_regex_bytes_of_all / 2;
  const std::string failing = Repeat(
      3,
      [](const auto& i) {
        return Rule("  s: {f|re: '[\\p{L}\\p{N}]{1,500}'}\n  condition: s\n", "T" + i);
      },
      "---\n");
  EXPECT_EQ(
      Compiled(failing, options).Problems(),
      (Problems{"4:13 regex-too-large", "11:13 regex-too-large", "18:13 regex-total-too-large"}));
}

TEST(RuleSetBounds, CountWildcardsOfAValue) {
  const auto rule = [](int count) {
    return Rule("  s: {f: '" + Repeat(count, [](const auto&) { return std::string("a?"); }) +
                "'}\n  condition: s\n");
  };
  EXPECT_EQ(Compiled(rule(256)).Problems(), Problems{});
  EXPECT_EQ(Compiled(rule(257)).Problems(), Problems{"4:10 too-many-wildcards"});
}

TEST(RuleSetBounds, TenThousandRulesShareTheirWork) {
  const Compiled rules(Repeat(
      10'000,
      [](const auto& i) {
        return Rule("  s:\n    f|endswith: '\\prog" + i + ".exe'\n    g|contains|all: ['-arg" + i +
                        "', common]\n  n: {h: x}\n  condition: s and not n\n",
                    "T" + i);
      },
      "---\n"));
  EXPECT_EQ(rules.Problems(), Problems{});
  EXPECT_EQ(rules.rules(), 10'000U);
  EXPECT_EQ(rules.statistics().atoms, 20'002U);
  EXPECT_TRUE(rules.Matches(R"({"f": "C:\\prog77.exe", "g": "common -arg77"})"));
  EXPECT_FALSE(rules.Matches(R"({"f": "C:\\prog77.exe", "g": "common -arg78"})"));
}

TEST(RuleSetBounds, HostileValuesAreAnsweredInBoundedSteps) {
  const std::string as(1'000'000, 'a');
  const std::string event = R"({"f": ")" + as + "\"}";
  struct Row {
    const char* detection;
    bool matches;
  };
  const Row rows[] = {
      {"  s: {f|re: '(a+)+$'}\n  condition: s\n", true},
      {"  s: {f|re: '^(a+)+b$'}\n  condition: s\n", false},
      {"  s: {f|re: '(a|a)*b'}\n  condition: s\n", false},
      {"  s: {f|re: '(a|b)*a(a|b){16}c'}\n  condition: s\n", false},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(Compiled(Rule(row.detection)).Matches(event), row.matches) << row.detection;
  }
  const std::string stars = Repeat(255, [](const auto&) { return std::string("*a"); });
  EXPECT_TRUE(Compiled(Rule("  s: {f: '" + stars + "*'}\n  condition: s\n")).Matches(event));
  EXPECT_FALSE(Compiled(Rule("  s: {f: '" + stars + "*b'}\n  condition: s\n")).Matches(event));
}

}  // namespace
}  // namespace auditflow::match
