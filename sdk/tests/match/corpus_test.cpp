#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "auditflow/event/json_writer.hpp"

#include "tests/match/naive_rules.hpp"

/// Real rules and events against the expectations that come with them. The corpus is not part of
/// the repository; without it these tests are skipped.
namespace auditflow::match {
namespace {

namespace fs = std::filesystem;

fs::path CorpusFolder() {
  if (const char* given = std::getenv("AUDITFLOW_CORPUS")) return given;
  return fs::path(AUDITFLOW_SOURCE_DIR) / ".." / "shared" / "corpus";
}

class Corpus : public testing::Test {
 protected:
  void SetUp() override {
    if (!fs::exists(CorpusFolder() / "sigmahq-rules.tar.xz")) {
      GTEST_SKIP() << "no corpus at " << CorpusFolder();
    }
  }

  /// Unpacked once for each program run, below the test's temporary folder.
  static const fs::path& RuleFolder() {
    static const fs::path kFolder = [] {
      std::string name = testing::TempDir() + "auditflow-rules-XXXXXX";
      fs::path folder = mkdtemp(name.data());
      const std::string command = "tar -xf '" + (CorpusFolder() / "sigmahq-rules.tar.xz").string() +
                                  "' -C '" + folder.string() + "'";
      EXPECT_EQ(std::system(command.c_str()), 0);
      return folder;
    }();
    return kFolder;
  }
  static void TearDownTestSuite() {
    if (fs::exists(CorpusFolder() / "sigmahq-rules.tar.xz")) fs::remove_all(RuleFolder());
  }

  static const NaiveRules& Rules() {
    static const NaiveRules kRules = [] {
      std::vector<fs::path> folders;
      for (const char* name : {"rules", "rules-emerging-threats", "rules-threat-hunting"}) {
        folders.push_back(RuleFolder() / name);
      }
      return NaiveRules(sigma::LoadPaths(folders));
    }();
    return kRules;
  }

  static std::set<std::string> Matching(const event::Event& event) {
    std::set<std::string> ids;
    for (RuleIndex rule = 0; rule < Rules().expressions().size(); ++rule) {
      if (Rules().Matches(rule, event)) {
        ids.insert(Rules().linked().rules.detections[rule].metadata.id);
      }
    }
    return ids;
  }

  static event::Event Parse(const std::string& json) {
    auto event = event::EventParser().Parse(json);
    EXPECT_TRUE(event.has_value()) << (event ? "" : event.error().ToString());
    return event ? std::move(*event) : event::Event();
  }

  static void CompareGold(std::size_t stride) {
    std::ifstream events(CorpusFolder() / "gold_events.jsonl");
    std::ifstream expectations(CorpusFolder() / "gold_expected.jsonl");
    std::string event_line;
    std::string expected_line;
    std::size_t disagreements = 0;
    for (std::size_t index = 0; std::getline(events, event_line); ++index) {
      ASSERT_TRUE(std::getline(expectations, expected_line));
      if (index % stride != 0) continue;
      std::set<std::string> expected;
      event::ForEachAt(Parse(expected_line), "unrouted",
                       [&](event::Value id) { expected.insert(std::string(id.string_value())); });
      const std::set<std::string> actual = Matching(Parse(event_line));
      EXPECT_EQ(actual, expected) << "event " << index;
      disagreements += actual == expected ? 0 : 1;
    }
    EXPECT_EQ(disagreements, 0U);
  }
};

TEST_F(Corpus, EveryRuleIsLoweredExceptThoseWithPlaceholders) {
  std::map<std::string, int> errors;
  for (const auto& diagnostic : Rules().diagnostics()) {
    if (diagnostic.kind == sigma::DiagnosticKind::kWarning) continue;
    ++errors[diagnostic.code];
    if (diagnostic.code != "placeholder-unresolved") ADD_FAILURE() << diagnostic.ToString();
  }
  EXPECT_EQ(Rules().expressions().size(), 3754U);
}

TEST_F(Corpus, EveryTwentiethGoldEventMatchesTheExpectedRules) { CompareGold(20); }

/// Takes minutes: run with --gtest_also_run_disabled_tests.
TEST_F(Corpus, DISABLED_EveryGoldEventMatchesTheExpectedRules) { CompareGold(1); }

/// Where the corpus states one match although several of the test's events plainly fit the rule
/// (read by hand): how many do.
const std::map<std::string, std::int64_t>& UnderstatedMatches() {
  static const std::map<std::string, std::int64_t> kMatches = {
      {"0b9ad457-2554-44c1-82c2-d56a99c42377", 3},  // three files that contain \\AnyDesk\\user.conf
      {"8fbf3271-1ef6-4e94-8210-03c2317947f6", 3},  // procdump, procdump64 and procdump64a
      {"7124aebe-4cd7-4ccb-8df0-6d6b93c96795", 2},  // dtrace with and without -n
      {"5bac7a56-da88-4c27-922e-c81e113b20cb", 2},  // the runner's listener and its worker
      {"45e112d0-7759-4c2a-aa36-9f8fb79d3393", 3},  // zone map entries http, https and *
      {"c7dcacd0-cc59-4004-b0a4-1d6cdebe6f3e", 2},  // AutoShareServer and AutoShareWks
  };
  return kMatches;
}

std::optional<std::int64_t> ExpectedMatches(const std::string& id, const event::Event& test) {
  const auto understated = UnderstatedMatches().find(id);
  if (understated != UnderstatedMatches().end()) return understated->second;
  const auto expected = test.root().Find("expected_matches");
  return expected->is_null() ? std::nullopt : std::optional(expected->int64_value());
}

TEST_F(Corpus, EveryRegressionEventFiresItsRule) {
  std::map<std::string, RuleIndex> by_id;
  const auto& detections = Rules().linked().rules.detections;
  for (RuleIndex rule = 0; rule < detections.size(); ++rule) {
    by_id[detections[rule].metadata.id] = rule;
  }
  std::ifstream tests(CorpusFolder() / "sigmahq_regression.jsonl");
  std::size_t compared = 0;
  for (std::string line; std::getline(tests, line);) {
    const event::Event test = Parse(line);
    const std::string id = event::TextAt(test, "rule_id").value_or("");
    ASSERT_TRUE(by_id.contains(id)) << id;
    const auto expected = ExpectedMatches(id, test);
    std::int64_t matches = 0;
    event::ForEachAt(test, "events", [&](event::Value value) {
      std::string json;
      event::AppendJson(value, test, json);
      matches += Rules().Matches(by_id[id], Parse(json)) ? 1 : 0;
    });
    EXPECT_GT(matches, 0) << id;
    EXPECT_EQ(matches, expected.value_or(matches)) << id;
    ++compared;
  }
  EXPECT_EQ(compared, 159U);
}

}  // namespace
}  // namespace auditflow::match
