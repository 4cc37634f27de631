#include "auditflow/sigma/loader.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <system_error>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/sigma/load_helpers.hpp"

namespace auditflow::sigma {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Folder : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "/auditflow_loader_XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    root_ = pattern;
  }
  void TearDown() override {
    std::error_code ignored;
    fs::remove_all(root_, ignored);
  }

  void Write(const std::string& path, const std::string& text) {
    fs::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path, std::ios::binary) << text;
  }

  static std::vector<std::string> Titles(const LoadResult& loaded) {
    std::vector<std::string> titles;
    for (const DetectionRule& rule : loaded.rules.detections) titles.push_back(rule.metadata.title);
    return titles;
  }

  static std::string Rule(const std::string& title) {
    return "title: " + title +
           "\nlogsource: {product: x}\ndetection: {sel: {a: 1}, condition: sel}\n";
  }

  fs::path root_;
};

TEST_F(Folder, LoadsRuleFilesInTheOrderOfTheirPaths) {
  Write("b.yml", Rule("B"));
  Write("a/z.yaml", Rule("Z"));
  Write("a/deep/er/y.yml", Rule("Y"));
  Write("a/z.test.yml", "tests: []");
  Write("a/z.logsource.yml", Rule("Map"));
  Write("notes.txt", "no rule");
  Write(".hidden/x.yml", Rule("X"));
  Write(".x.yml", Rule("X"));
  const LoadResult loaded = LoadPaths({root_});
  EXPECT_THAT(loaded.diagnostics, IsEmpty()) << Show(loaded.diagnostics);
  EXPECT_THAT(Titles(loaded), ElementsAre("Y", "Z", "B"));
  EXPECT_EQ(loaded.files, 3U);
}

TEST_F(Folder, AWordBeforeTheExtensionThatMeansNothingHidesNothing) {
  Write("a.v2.yml", Rule("A"));
  Write("z.fieldmap.yaml", "fields: {}");
  const LoadResult loaded = LoadPaths({root_});
  EXPECT_THAT(Titles(loaded), ElementsAre("A"));
  EXPECT_THAT(Show(loaded.diagnostics),
              HasSubstr("z.fieldmap.yaml:1:1: error: 'title' is missing"));
}

TEST_F(Folder, KeepsLogsourceMapsApartFromRules) {
  Write("rule.yml", Rule("Rule"));
  Write("z.logsource.yml", Rule("Z"));
  Write("a/b.logsource.yaml", Rule("B"));
  EXPECT_THAT(Titles(LoadLogsourceMaps({root_})), ElementsAre("B", "Z"));
  EXPECT_THAT(Titles(LoadPaths({root_})), ElementsAre("Rule"));
  EXPECT_THAT(Titles(LoadLogsourceMaps({root_ / "rule.yml"})), ElementsAre("Rule"));
  EXPECT_THAT(Titles(LoadPaths({root_ / "z.logsource.yml"})), ElementsAre("Z"));
}

TEST_F(Folder, ReadsEachFileOnceHoweverOftenItIsNamed) {
  Write("a.yml", Rule("A"));
  EXPECT_THAT(Titles(LoadPaths({root_, root_ / "a.yml", root_ / "." / "a.yml"})), ElementsAre("A"));
}

TEST_F(Folder, FollowsTheLinksOfAMountedConfigMap) {
  Write("..2026_01/a.yml", Rule("A"));
  fs::create_directory_symlink("..2026_01", root_ / "..data");
  fs::create_symlink("..data/a.yml", root_ / "a.yml");
  EXPECT_THAT(Titles(LoadPaths({root_})), ElementsAre("A"));
}

TEST_F(Folder, ReportsPathsThatCannotBeReadAndGoesOn) {
  Write("a.yml", Rule("A"));
  const LoadResult loaded = LoadPaths({root_ / "missing.yml", "/dev/null", root_});
  EXPECT_THAT(Places(loaded.diagnostics), ElementsAre("0:0 unreadable", "0:0 unreadable"));
  EXPECT_THAT(Show(loaded.diagnostics), HasSubstr("missing.yml: error: "));
  EXPECT_THAT(Titles(loaded), ElementsAre("A"));
}

TEST_F(Folder, BoundsFilesAndTheirSize) {
  for (const char* name : {"a", "b", "c"}) Write(std::string(name) + ".yml", Rule(name));
  LoadLimits limits;
  limits.max_files = 2;
  const LoadResult few = LoadPaths({root_}, limits);
  EXPECT_THAT(Places(few.diagnostics), ElementsAre("0:0 limit"));
  EXPECT_THAT(Titles(few), ElementsAre("a", "b"));
  limits.max_files = 10;
  limits.max_file_bytes = 10;
  const LoadResult large = LoadPaths({root_}, limits);
  EXPECT_THAT(Places(large.diagnostics), ElementsAre("0:0 limit", "0:0 limit", "0:0 limit"));
  EXPECT_EQ(large.documents, 3U);
}

TEST(Loader, ARefusedDocumentLeavesTheOthers) {
  const LoadResult loaded =
      LoadText(RuleWithItem("a: 1") + "---\ntitle: Bad\n---\n" + RuleWithItem("b: 2"), "r.yml");
  EXPECT_EQ(loaded.rules.detections.size(), 2U);
  EXPECT_EQ(loaded.documents, 3U);
  EXPECT_TRUE(HasErrors(loaded.diagnostics));
}

TEST(Loader, CountsTheDocumentsThatAreNotEvenYaml) {
  const std::string rule = RuleWithItem("a: 1");
  for (const auto& [text, documents] :
       std::map<std::string, std::size_t>{{"", 0},
                                          {rule, 1},
                                          {"a: [", 1},
                                          {"\xFF\xFE\xFF", 1},
                                          {rule + "---\na: [", 2},
                                          {"a: 1\na: 2\n---\n" + rule + "---\nb: 1\nb: 2\n", 3},
                                          {"a: *b\n---\n" + rule, 2}}) {
    EXPECT_EQ(LoadText(text, "r.yml").documents, documents) << text;
  }
}

TEST(Loader, RefusesDocumentsThatAreNoRules) {
  EXPECT_THAT(ErrorsOf("- a\n"), ElementsAre("1:1 wrong-type"));
  EXPECT_THAT(ErrorsOf("just text\n"), ElementsAre("1:1 wrong-type"));
  EXPECT_THAT(WarningsOf("---\n"), ElementsAre("2:1 empty-document"));
  EXPECT_THAT(ErrorsOf("title: T\nlogsource: {product: x}\ndetection: [a]\n"),
              ElementsAre("3:12 wrong-type"));
  EXPECT_THAT(ErrorsOf("title: T\nlogsource: {product: x}\ndetection: {condition: a}\n"),
              ElementsAre("3:12 missing-field"));
  EXPECT_THAT(ErrorsOf("title: T\nlogsource: {product: x}\ndetection: {a: {b: 1}}\n"),
              ElementsAre("3:12 missing-field"));
}

TEST(Loader, EveryProblemOfADocumentIsReportedInOrder) {
  EXPECT_THAT(ErrorsOf("title: 5\nlevel: x\nlogsource: {product: 5}\n"
                       "detection: {sel: {a|x: 1}, condition: none}\n"),
              ElementsAre("1:8 wrong-type", "2:8 unknown-value", "3:22 wrong-type",
                          "4:19 unknown-modifier", "4:39 unknown-identifier"));
}

TEST(Loader, SurvivesEveryTruncation) {
  const std::string text = RuleWith(
      "    sel:\n        a|contains: ['x', \"y\"]\n    condition: sel and not (1 of sel*)\n");
  for (std::size_t n = 0; n < text.size(); ++n) {
    const LoadResult loaded = LoadText(std::string_view(text).substr(0, n), "r.yml");
    EXPECT_TRUE(loaded.rules.detections.empty() == HasErrors(loaded.diagnostics) || n < 5) << n;
  }
}

TEST(Filter, ReadsRulesSearchIdentifiersAndCondition) {
  const LoadResult loaded = LoadText(
      "title: F\nlogsource: {product: windows}\nfilter:\n  rules: [a, b]\n"
      "  sel: {User|startswith: adm_}\n  condition: not sel\n",
      "f.yml");
  ASSERT_EQ(loaded.rules.filters.size(), 1U) << Show(loaded.diagnostics);
  const FilterRule& filter = loaded.rules.filters[0];
  EXPECT_EQ(filter.rules.size(), 2U);
  EXPECT_EQ(filter.logsource.product, "windows");
  EXPECT_EQ(filter.detections.size(), 1U);
  EXPECT_EQ(filter.conditions.at(0).kind, Condition::Kind::kNot);
}

TEST(Filter, RefusesWhatIsMissingOrOfAnotherType) {
  const auto with = [](const std::string& filter) {
    return "title: F\nlogsource: {product: windows}\nfilter: " + filter + "\n";
  };
  EXPECT_THAT(ErrorsOf(with("x")), ElementsAre("3:9 wrong-type"));
  EXPECT_THAT(ErrorsOf(with("{rules: 5, sel: {a: 1}, condition: sel}")),
              ElementsAre("3:17 wrong-type"));
  EXPECT_THAT(ErrorsOf(with("{rules: any, condition: sel}")), ElementsAre("3:9 missing-field"));
  EXPECT_THAT(ErrorsOf(with("{rules: any, sel: {a: 1}}")), ElementsAre("3:9 missing-field"));
  EXPECT_THAT(WarningsOf(with("{sel: {a: 1}, condition: not sel}")),
              ElementsAre("3:9 missing-rules"));
  EXPECT_THAT(ErrorsOf("title: F\nfilter: {rules: any, sel: {a: 1}, condition: not sel}\n"),
              ElementsAre("1:1 missing-field"));
}

TEST(Actions, GlobalGivesKeysToTheDocumentsAfterIt) {
  const LoadResult loaded = LoadText(
      "action: global\ntitle: G\nlevel: high\nlogsource: {product: x}\n"
      "detection: {sel: {a: 1}, condition: sel}\n"
      "---\nname: one\n---\nname: two\nlevel: low\ndetection: {sel: {b: 2}}\n"
      "---\naction: reset\n---\nname: three\n",
      "g.yml");
  ASSERT_EQ(loaded.rules.detections.size(), 2U) << Show(loaded.diagnostics);
  EXPECT_EQ(loaded.rules.detections[0].metadata.level, Level::kHigh);
  EXPECT_EQ(loaded.rules.detections[1].metadata.level, Level::kLow);
  EXPECT_EQ(loaded.rules.detections[1].FindDetection("sel")->children.size(), 2U);
  EXPECT_THAT(loaded.rules.detections[0].metadata.custom, IsEmpty());
  EXPECT_TRUE(HasErrors(loaded.diagnostics)) << "the third has neither title nor detection";
}

TEST(Actions, RepeatIsTheDocumentBeforeWithChanges) {
  const LoadResult loaded = LoadText(RuleWithItem("a: 1") +
                                         "---\naction: repeat\ntitle: Second\n---\n"
                                         "action: repeat\nlevel: low\n",
                                     "g.yml");
  ASSERT_EQ(loaded.rules.detections.size(), 3U) << Show(loaded.diagnostics);
  EXPECT_EQ(loaded.rules.detections[2].metadata.title, "Second");
  EXPECT_EQ(loaded.rules.detections[2].metadata.level, Level::kLow);
  EXPECT_THAT(Places(loaded.diagnostics, true), ElementsAre(testing::EndsWith("legacy-action")));
}

TEST(Actions, AnotherActionIsRefused) {
  for (const std::string action : {"block", "5", "~", "[global]"}) {
    EXPECT_THAT(ErrorsOf("action: " + action + "\n" + RuleWithItem("a: 1")),
                ElementsAre("1:9 unknown-action"))
        << action;
  }
}

TEST(Actions, ALargeGlobalDocumentCannotBeMultiplied) {
  std::string text = "action: global\ndescription: " + std::string(1 << 20, 'x') + "\n";
  for (int i = 0; i < 1'000; ++i) text += "---\n" + RuleWithItem("a: 1");
  const LoadResult loaded = LoadText(text, "g.yml");
  EXPECT_THAT(Show(loaded.diagnostics), HasSubstr("make this file too large"));
  EXPECT_LT(loaded.rules.detections.size(), 10U);
}

TEST(Diagnostics, SayWhereWhatAndACode) {
  const LoadResult loaded = LoadText(RuleWithItem("a|bogus: 1"), "dir/rule.yml");
  ASSERT_EQ(loaded.diagnostics.size(), 1U);
  EXPECT_EQ(loaded.diagnostics[0].ToString(),
            "dir/rule.yml:5:9: error: unknown modifier 'bogus' [unknown-modifier]");
}

}  // namespace
}  // namespace auditflow::sigma
