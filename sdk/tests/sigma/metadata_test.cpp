#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/sigma/load_helpers.hpp"

namespace auditflow::sigma {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kDetection =
    "logsource: {product: windows}\ndetection: {sel: {a: 1}, condition: sel}\n";

std::string RuleOf(const std::string& head) { return head + "\n" + kDetection; }
std::string TitledRule(const std::string& line) { return RuleOf("title: T\n" + line); }

TEST(Metadata, ReadsEveryField) {
  const LoadResult loaded = LoadText(
      RuleOf("title: Title\n"
             "id: 6f3e2987-db24-4c78-a860-b4f4095a7095\n"
             "name: rule_name\n"
             "related: [{id: 08fbc97d-0a2f-491c-ae21-8ffcfd3174e9, type: derived}]\n"
             "taxonomy: other\nstatus: stable\ndescription: |\n  Two\n  lines\n"
             "license: Apache-2.0\nauthor: A, B\nreferences: [https://example.org]\n"
             "date: 2024-02-29\nmodified: 2024-03-01\nfields: [a, b]\n"
             "falsepositives: [none]\nlevel: critical\ntags: [attack.t1110]\nscope: [server]\n"
             "auditflow:\n  alert_type: SECURITY\nother: 5\n"),
      "rule.yml");
  ASSERT_EQ(loaded.rules.detections.size(), 1U) << Show(loaded.diagnostics);
  EXPECT_THAT(loaded.diagnostics, IsEmpty());
  const Metadata& m = loaded.rules.detections[0].metadata;
  EXPECT_EQ(m.title, "Title");
  EXPECT_EQ(m.key(), "6f3e2987-db24-4c78-a860-b4f4095a7095");
  EXPECT_EQ(m.name, "rule_name");
  ASSERT_EQ(m.related.size(), 1U);
  EXPECT_EQ(m.related[0].type, "derived");
  EXPECT_EQ(m.taxonomy, "other");
  EXPECT_EQ(m.status, RuleStatus::kStable);
  EXPECT_EQ(m.level, Level::kCritical);
  EXPECT_EQ(m.description, "Two\nlines\n");
  EXPECT_EQ(m.license, "Apache-2.0");
  EXPECT_EQ(m.author, "A, B");
  EXPECT_THAT(m.references, ElementsAre("https://example.org"));
  EXPECT_EQ(m.date, "2024-02-29");
  EXPECT_EQ(m.modified, "2024-03-01");
  EXPECT_THAT(m.fields, ElementsAre("a", "b"));
  EXPECT_THAT(m.falsepositives, ElementsAre("none"));
  EXPECT_THAT(m.tags, ElementsAre("attack.t1110"));
  EXPECT_THAT(m.scope, ElementsAre("server"));
  ASSERT_NE(m.FindCustom("auditflow"), nullptr);
  EXPECT_EQ(m.FindCustom("auditflow")->Find("alert_type")->text, "SECURITY");
  EXPECT_EQ(m.FindCustom("other")->integer, 5);
  EXPECT_EQ(m.custom.size(), 2U);
  EXPECT_EQ(m.location.ToString(), "rule.yml:1:1");
}

TEST(Metadata, LevelsAndStatusesHaveTheirSigmaNames) {
  for (const std::string level : {"informational", "low", "medium", "high", "critical"}) {
    const LoadResult loaded = LoadText(TitledRule("level: " + level), "r.yml");
    ASSERT_EQ(loaded.rules.detections.size(), 1U);
    EXPECT_EQ(ToString(*loaded.rules.detections[0].metadata.level), level);
  }
  for (const std::string status : {"stable", "test", "experimental", "deprecated", "unsupported"}) {
    const LoadResult loaded = LoadText(TitledRule("status: " + status), "r.yml");
    ASSERT_EQ(loaded.rules.detections.size(), 1U);
    EXPECT_EQ(ToString(*loaded.rules.detections[0].metadata.status), status);
  }
}

TEST(Metadata, RefusesWrongTypesInEveryField) {
  const std::vector<std::string> strings = {"id",     "name", "taxonomy", "description", "license",
                                            "author", "date", "modified", "status",      "level"};
  const std::vector<std::string> lists = {"references", "fields", "falsepositives",
                                          "tags",       "scope",  "related"};
  for (const std::string& key : strings) {
    for (const std::string value : {"5", "1.5", "true", "~", "[x]", "{x: y}"}) {
      EXPECT_THAT(ErrorsOf(TitledRule(key + ": " + value)),
                  ElementsAre("2:" + std::to_string(key.size() + 3) + " wrong-type"))
          << key << ": " << value;
    }
  }
  for (const std::string& key : lists) {
    for (const std::string value : {"5", "true", "~", "{x: y}", "[5]", "[~]", "[[x]]"}) {
      const std::size_t column = key.size() + 3 + (value[0] == '[' ? 1 : 0);
      EXPECT_THAT(ErrorsOf(TitledRule(key + ": " + value)),
                  ElementsAre("2:" + std::to_string(column) + " wrong-type"))
          << key << ": " << value;
    }
  }
  for (const std::string value : {"5", "~", "[x]", "{x: y}"}) {
    EXPECT_THAT(ErrorsOf(RuleOf("title: " + value)), ElementsAre("1:8 wrong-type"));
  }
}

TEST(Metadata, RefusesValuesOutsideTheSpecification) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"level: hihg", "2:8 unknown-value"},
      {"level: HIGH", "2:8 unknown-value"},
      {"status: stabel", "2:9 unknown-value"},
      {"date: 2024-02-30", "2:7 wrong-date"},
      {"date: 2023-02-29", "2:7 wrong-date"},
      {"date: 2024-13-01", "2:7 wrong-date"},
      {"date: 2024-1-1", "2:7 wrong-date"},
      {"date: 31.01.2024", "2:7 wrong-date"},
      {"date: 2024/01-31", "2:7 wrong-date"},
      {"modified: soon", "2:11 wrong-date"},
      {"id: ''", "2:5 empty-value"},
      {"name: ''", "2:7 empty-value"},
      {"related: [{type: derived}]", "2:11 missing-field"},
      {"related: [{id: 08fbc97d-0a2f-491c-ae21-8ffcfd3174e9}]", "2:11 missing-field"},
      {"related: [{id: 08fbc97d-0a2f-491c-ae21-8ffcfd3174e9, type: friend}]", "2:60 unknown-value"},
  };
  for (const auto& [line, error] : cases) {
    EXPECT_THAT(ErrorsOf(TitledRule(line)), ElementsAre(error)) << line;
  }
  EXPECT_THAT(ErrorsOf(RuleOf("title: ''")), ElementsAre("1:8 empty-value"));
}

TEST(Metadata, LengthsCountCharacters) {
  std::string long_title;
  for (int i = 0; i < 256; ++i) long_title += "ü";
  EXPECT_THAT(ErrorsOf(RuleOf("title: " + long_title)), IsEmpty());
  EXPECT_THAT(ErrorsOf(RuleOf("title: " + long_title + "x")), ElementsAre("1:8 too-long"));
  EXPECT_THAT(ErrorsOf(TitledRule("name: " + std::string(257, 'n'))), ElementsAre("2:7 too-long"));
  EXPECT_THAT(ErrorsOf(TitledRule("description: " + std::string(65'535, 'd'))), IsEmpty());
  EXPECT_THAT(ErrorsOf(TitledRule("description: " + std::string(65'536, 'd'))),
              ElementsAre("2:14 too-long"));
}

TEST(Metadata, AcceptsOldAndLooseFormsWithAWarning) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"date: 2020/01/31", "2:7 old-date"},
      {"related: [{id: 08fbc97d-0a2f-491c-ae21-8ffcfd3174e9, type: obsoletes}]",
       "2:60 old-relation"},
      {"id: ANLY-SEC-001", "2:5 id-form"},
      {"tags: [nodot]", "2:8 tag-form"},
      {"tags: attack.t1110", "2:7 not-a-list"},
      {"falsepositives: none", "2:17 not-a-list"},
      {"levle: high", "2:1 unknown-field"},
      {"tag: [a.b]", ""},
  };
  for (const auto& [line, warning] : cases) {
    EXPECT_THAT(ErrorsOf(TitledRule(line)), IsEmpty()) << line;
    if (warning.empty()) continue;
    EXPECT_THAT(WarningsOf(TitledRule(line)), ElementsAre(warning)) << line;
  }
  const LoadResult loaded = LoadText(TitledRule("date: 2020/01/31"), "r.yml");
  EXPECT_EQ(loaded.rules.detections[0].metadata.date, "2020-01-31");
}

TEST(Metadata, RequiredFieldsAreNamedWithWhatMayBeMeant) {
  EXPECT_THAT(ErrorsOf(RuleOf("level: low")), ElementsAre("1:1 missing-field"));
  EXPECT_THAT(ErrorsOf("title: T\n"), ElementsAre("1:1 missing-field", "1:1 missing-field"));
  EXPECT_THAT(
      Show(LoadText("title: T\nlogsource: {product: x}\ndetections: {}\n", "r.yml").diagnostics),
      HasSubstr("'detection' is missing; is 'detections' in line 3 meant?"));
}

TEST(LogSource, ReadsItsPartsInLowerCase) {
  const LoadResult loaded = LoadText(
      "title: T\nlogsource: {product: Windows, category: c, service: s, definition: D, team: x}\n"
      "detection: {sel: {a: 1}, condition: sel}\n",
      "r.yml");
  ASSERT_EQ(loaded.rules.detections.size(), 1U);
  const LogSource& source = loaded.rules.detections[0].logsource;
  EXPECT_EQ(source.product, "windows");
  EXPECT_EQ(source.category, "c");
  EXPECT_EQ(source.service, "s");
  EXPECT_EQ(source.definition, "D");
  ASSERT_EQ(source.custom.size(), 1U);
  EXPECT_EQ(source.custom[0].key, "team");
  EXPECT_THAT(Places(loaded.diagnostics, true), ElementsAre("2:22 logsource-case"));
}

TEST(LogSource, RefusesWhatNamesNoSource) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"{}", "2:12 missing-field"},
      {"{definition: x}", "2:12 missing-field"},
      {"windows", "2:12 wrong-type"},
      {"[windows]", "2:12 wrong-type"},
      {"~", "2:12 wrong-type"},
      {"{product: 5}", "2:22 wrong-type"},
      {"{product: [x]}", "2:22 wrong-type"},
      {"{service: ''}", "2:22 empty-value"},
  };
  for (const auto& [text, error] : cases) {
    EXPECT_THAT(
        ErrorsOf("title: T\nlogsource: " + text + "\ndetection: {sel: {a: 1}, condition: sel}\n"),
        ElementsAre(error))
        << text;
  }
}

}  // namespace
}  // namespace auditflow::sigma
