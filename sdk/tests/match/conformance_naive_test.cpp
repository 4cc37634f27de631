#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "auditflow/sigma/yaml.hpp"

#include "tests/match/naive_rules.hpp"

/// The conformance suite (see its README for the form), as far as it is about detection rules,
/// against the naive evaluator.
namespace auditflow::match {
namespace {

namespace fs = std::filesystem;
using sigma::Node;

std::string ReadFile(const fs::path& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

std::string TextOf(const Node& map, std::string_view key) {
  const Node* value = map.Find(key);
  return value != nullptr ? value->text : "";
}

CompileOptions CompileOptionsOf(const Node& test) {
  CompileOptions options;
  const Node* given = test.Find("options");
  const Node* placeholders = given != nullptr ? given->Find("placeholders") : nullptr;
  if (placeholders == nullptr) return options;
  for (const auto& member : placeholders->members) {
    auto& values = options.placeholders[member.key];
    for (const Node& value : member.value.items) values.push_back(value.text);
  }
  return options;
}

sigma::LinkOptions LinkOptionsOf(const Node& test) {
  const Node* given = test.Find("options");
  const bool suppress = given != nullptr && TextOf(*given, "filters") == "suppress";
  return {suppress ? sigma::FilterMode::kSuppress : sigma::FilterMode::kAsWritten};
}

std::string LowerCase(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

bool Warns(const NaiveRules& rules, const std::string& wanted) {
  const auto& all = rules.diagnostics();
  return std::any_of(all.begin(), all.end(), [&](const sigma::Diagnostic& d) {
    return d.kind == sigma::DiagnosticKind::kWarning &&
           LowerCase(d.code + " " + d.message).find(LowerCase(wanted)) != std::string::npos;
  });
}

void CheckMatch(const NaiveRules& rules, const Node& expected, const event::Event& event) {
  const auto& detections = rules.linked().rules.detections;
  if (expected.kind == Node::Kind::kBool) {
    ASSERT_FALSE(detections.empty());
    EXPECT_EQ(rules.Matches(static_cast<RuleIndex>(detections.size() - 1), event),
              expected.boolean);
    return;
  }
  std::multiset<std::string> titles;
  for (const Node& title : expected.items) titles.insert(title.text);
  std::multiset<std::string> matching;
  for (RuleIndex rule = 0; rule < detections.size(); ++rule) {
    if (rules.Matches(rule, event)) matching.insert(detections[rule].metadata.title);
  }
  EXPECT_EQ(matching, titles);
}

void CheckEvents(const NaiveRules& rules, const Node& events) {
  for (const Node& entry : events.items) {
    const Node* expected = entry.Find("match");
    if (expected == nullptr) continue;
    const auto event = event::EventParser().Parse(TextOf(entry, "event"));
    ASSERT_TRUE(event.has_value()) << TextOf(entry, "event") << ": " << event.error().ToString();
    SCOPED_TRACE(TextOf(entry, "event"));
    CheckMatch(rules, *expected, *event);
  }
}

void CheckCase(const Node& test) {
  const NaiveRules rules(TextOf(test, "rule"), CompileOptionsOf(test), LinkOptionsOf(test));
  SCOPED_TRACE(TextOf(test, "name") + "\n" + TextOf(test, "rule") + rules.Report());
  if (test.Find("error") != nullptr) {
    EXPECT_TRUE(rules.HasErrors());  // the wording is checked where the message is made
    return;
  }
  EXPECT_FALSE(rules.HasErrors());
  const std::string warning = TextOf(test, "warning");
  if (!warning.empty()) {
    EXPECT_TRUE(Warns(rules, warning)) << "wanted: " << warning;
  }
  if (const Node* events = test.Find("events")) CheckEvents(rules, *events);
}

class ConformanceOfNaiveEvaluator : public testing::TestWithParam<const char*> {};

TEST_P(ConformanceOfNaiveEvaluator, EveryCaseHolds) {
  const fs::path path =
      fs::path(AUDITFLOW_SOURCE_DIR) / "sdk" / "tests" / "conformance" / GetParam();
  const sigma::YamlResult suite = sigma::LoadYaml(ReadFile(path), path.string());
  ASSERT_EQ(suite.documents.size(), 1U) << path;
  const Node* cases = suite.documents.front().Find("cases");
  ASSERT_NE(cases, nullptr);
  ASSERT_FALSE(cases->items.empty());
  for (const Node& test : cases->items) CheckCase(test);
}

INSTANTIATE_TEST_SUITE_P(Suites, ConformanceOfNaiveEvaluator,
                         testing::Values("conditions.yml", "documents.yml", "fields.yml",
                                         "filters.yml", "modifiers_compare.yml",
                                         "modifiers_encoding.yml", "modifiers_re.yml",
                                         "modifiers_string.yml", "structures.yml", "values.yml"),
                         [](const auto& suite) {
                           std::string name = suite.param;
                           name.resize(name.find('.'));
                           return name;
                         });

}  // namespace
}  // namespace auditflow::match
