#include "auditflow/pipeline/rule_test.hpp"

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

namespace auditflow::pipeline {
namespace {

namespace fs = std::filesystem;
using Kind = RuleTestDifference::Kind;

constexpr const char* kRule = R"(title: Root
id: 11111111-1111-4111-8111-111111111111
logsource: {product: any}
detection:
  selection: {user_id: root}
  condition: selection
level: high
)";

constexpr const char* kEvents = R"(rules: [root.yml]
cases:
  - name: fires
    events:
      - {event_id: '00000000-0000-4000-8000-000000000001', user_id: root, n: 1}
    alerts:
)";

/// Test files beside one rule in a folder of their own.
class RuleTestTest : public testing::Test {
 protected:
  RuleTestTest()
      : folder_(fs::temp_directory_path() / ("auditflow_rule_test_" + std::to_string(getpid()))) {
    fs::create_directories(folder_);
    Write("root.yml", kRule);
  }
  ~RuleTestTest() override { fs::remove_all(folder_); }

  void Write(const std::string& name, const std::string& text) const {
    fs::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name) << text;
  }

  [[nodiscard]] RuleTestReport Run(const std::string& text) const {
    return RunRuleTestText(text, folder_ / "root.test.yml");
  }

  /// The differences of one case that expects `alerts`.
  [[nodiscard]] std::vector<RuleTestDifference> Expecting(const std::string& alerts) const {
    const RuleTestReport report = Run(kEvents + alerts);
    EXPECT_TRUE(report.diagnostics.empty()) << report.diagnostics.front().ToString();
    return report.cases.empty() ? std::vector<RuleTestDifference>() : report.cases[0].differences;
  }

  fs::path folder_;
};

TEST_F(RuleTestTest, ComparesTheMembersThatAreNamed) {
  EXPECT_TRUE(Expecting("      - {}").empty());
  EXPECT_TRUE(Expecting("      - {rule_id: 11111111-1111-4111-8111-111111111111}").empty());
  EXPECT_TRUE(Expecting("      - {severity: HIGH, alert_name: Root, metadata.tags: []}").empty());
  EXPECT_TRUE(Expecting("      - {raw_event_data.n: 1}").empty());
  EXPECT_TRUE(Expecting("      - {raw_event_data.n: 1.0}").empty());
}

TEST_F(RuleTestTest, SaysWhichMemberDiffersWhereAndHow) {
  const auto differences = Expecting("      - {severity: LOW, raw_event_data.n: '1', a.b: null}");
  ASSERT_EQ(differences.size(), 3U);
  EXPECT_EQ(differences[0].kind, Kind::kMember);
  EXPECT_EQ(differences[0].path, "severity");
  EXPECT_EQ(differences[0].expected, "\"LOW\"");
  EXPECT_EQ(differences[0].actual, "\"HIGH\"");
  EXPECT_EQ(differences[0].location.line, 7U);
  EXPECT_EQ(differences[1].expected, "\"1\"");
  EXPECT_EQ(differences[1].actual, "1");
  EXPECT_EQ(differences[2].actual, "");
}

TEST_F(RuleTestTest, CountsAlertsBothWays) {
  const auto missing = Expecting("      - {}\n      - {severity: LOW}");
  ASSERT_EQ(missing.size(), 1U);
  EXPECT_EQ(missing[0].kind, Kind::kMissing);
  EXPECT_EQ(missing[0].position, 1U);
  const auto unexpected = Expecting("      []");
  ASSERT_EQ(unexpected.size(), 1U);
  EXPECT_EQ(unexpected[0].kind, Kind::kUnexpected);
  EXPECT_NE(unexpected[0].actual.find("00000000-0000-4000-8000-000000000001"), std::string::npos);
}

TEST_F(RuleTestTest, DoesNotDependOnTheDayOfTheTest) {
  for (const std::string year : {"1999", "2026", "2200"}) {
    Write("root.yml", std::string(kRule) + R"(name: root
---
title: Twice
correlation: {type: event_count, rules: [root], timespan: 1m, group-by: [user_id], condition: {gte: 2}}
)");
    const std::string time = year + "-01-01T00:00:0";
    const RuleTestReport report =
        Run("rules: [root.yml]\ncases:\n  - name: a\n    events:\n"
            "      - {user_id: root, timestamp: '" +
            time +
            "0Z'}\n"
            "      - {user_id: root, timestamp: '" +
            time +
            "1Z'}\n"
            "    alerts: [{alert_name: Twice}]\n");
    EXPECT_TRUE(report.ok()) << year;
    EXPECT_EQ(report.passed(), 1U);
  }
}

TEST_F(RuleTestTest, RefusesFilesOfAnotherForm) {
  const std::vector<std::string> broken = {
      "",
      "[]",
      "rules: [root.yml]",
      "cases: []",
      "rules: []\ncases: []",
      "rules: [1]\ncases: [{name: a, events: [], alerts: []}]",
      "rules: [root.yml]\ncases: [1]",
      "rules: [root.yml]\ncases: [{events: [], alerts: []}]",
      "rules: [root.yml]\ncases: [{name: a, events: [1], alerts: []}]",
      "rules: [root.yml]\ncases: [{name: a, events: [], alerts: [x]}]",
      "rules: [root.yml]\ncases: [{name: a, events: []}]",
      "rules: [root.yml]\nwat: 1\ncases: [{name: a, events: [], alerts: []}]",
      "rules: [missing.yml]\ncases: [{name: a, events: [], alerts: []}]",
      "rules: [root.yml]\ncases: [{name: a, events: [], alerts: []}, {name: a, events: [], alerts: "
      "[]}]",
      "rules: ["};
  for (const std::string& text : broken) {
    const RuleTestReport report = Run(text);
    EXPECT_FALSE(report.ok()) << text;
    EXPECT_TRUE(report.cases.empty()) << text;
    EXPECT_TRUE(sigma::HasErrors(report.diagnostics)) << text;
  }
}

TEST_F(RuleTestTest, FailsACaseWhoseEventIsNoEvent) {
  const RuleTestReport report =
      Run("rules: [root.yml]\ncases: [{name: a, events: [{a: 18446744073709551616}], alerts: []}]");
  EXPECT_FALSE(report.ok());
}

TEST_F(RuleTestTest, ReportsAFileThatCannotBeRead) {
  const RuleTestReport report = RunRuleTest(folder_ / "missing.test.yml");
  EXPECT_FALSE(report.ok());
  ASSERT_EQ(report.diagnostics.size(), 1U);
  EXPECT_EQ(report.diagnostics[0].code, "unreadable");
}

TEST_F(RuleTestTest, FindsTestFilesBelowFoldersInOrder) {
  for (const char* name :
       {"b/x.test.yml", "a.test.yaml", "b/y.yml", ".hidden/z.test.yml", ".h.test.yml"}) {
    Write(name, "");
  }
  const RuleTestFiles found = FindRuleTests({folder_, folder_ / "b/y.yml", folder_ / "missing"});
  EXPECT_EQ(found.files,
            (std::vector{folder_ / "a.test.yaml", folder_ / "b/x.test.yml", folder_ / "b/y.yml"}));
  ASSERT_EQ(found.diagnostics.size(), 1U);
  EXPECT_NE(found.diagnostics[0].location.ToString().find("missing"), std::string::npos);
}

}  // namespace
}  // namespace auditflow::pipeline
