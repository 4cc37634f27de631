/// Real rules and events against the expectations that come with them, all of them by the compiled
/// engine, and samples by the naive evaluator, too.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "auditflow/event/json_writer.hpp"
#include "auditflow/pipeline/rule_package.hpp"
#include "auditflow/sigma/loader.hpp"

#include "tests/conformance/corpus_folder.hpp"
#include "tests/conformance/engines.hpp"

namespace auditflow::conformance {
namespace {

using match::RuleIndex;

event::Event Parse(const std::string& json) {
  auto event = event::EventParser().Parse(json);
  EXPECT_TRUE(event.has_value()) << (event ? "" : event.error().ToString());
  return event ? std::move(*event) : event::Event();
}

/// The shipped map of events to logsources.
match::CompileOptions Routing(bool map_fields) {
  sigma::LoadResult loaded = sigma::LoadLogsourceMaps(
      {std::filesystem::path(AUDITFLOW_SOURCE_DIR) / "sdk" / "rules" / "logsources"});
  EXPECT_FALSE(sigma::HasErrors(loaded.diagnostics)) << loaded.diagnostics.front().ToString();
  match::CompileOptions options;
  options.map_fields = map_fields;
  options.logsource_map =
      std::make_shared<const sigma::LinkedRules>(sigma::Link(std::move(loaded.rules)).linked);
  return options;
}

/// SigmaHQ's rules in both engines, made once for the program.
class CorpusRules {
 public:
  CorpusRules() {
    sigma::LoadResult loaded = sigma::LoadPaths(unpacked_.RuleFolders());
    sigma::LinkResult link = sigma::Link(std::move(loaded.rules));
    diagnostics_ = std::move(loaded.diagnostics);
    diagnostics_.insert(diagnostics_.end(), link.diagnostics.begin(), link.diagnostics.end());
    linked_ = std::move(link.linked);
    compiled_ = std::make_unique<CompiledEngine>(linked_, match::CompileOptions());
    routed_ = std::make_unique<CompiledEngine>(linked_, Routing(false));
    mapped_ = std::make_unique<CompiledEngine>(linked_, Routing(true));
    naive_ = std::make_unique<NaiveEngine>(linked_, match::CompileOptions());
    diagnostics_.insert(diagnostics_.end(), compiled_->diagnostics().begin(),
                        compiled_->diagnostics().end());
    for (RuleIndex rule = 0; rule < detections().size(); ++rule) {
      by_id_[detections()[rule].metadata.id] = rule;
    }
  }

  [[nodiscard]] const std::vector<sigma::DetectionRule>& detections() const {
    return linked_.rules.detections;
  }
  [[nodiscard]] const std::vector<sigma::Diagnostic>& diagnostics() const { return diagnostics_; }
  [[nodiscard]] Engine& compiled() const { return *compiled_; }
  /// By the shipped maps, without the other names of fields that they give.
  [[nodiscard]] Engine& routed() const { return *routed_; }
  /// By the shipped maps and the names.
  [[nodiscard]] Engine& mapped() const { return *mapped_; }
  [[nodiscard]] Engine& naive() const { return *naive_; }
  [[nodiscard]] std::optional<RuleIndex> Find(const std::string& id) const {
    const auto found = by_id_.find(id);
    return found == by_id_.end() ? std::nullopt : std::optional(found->second);
  }
  [[nodiscard]] std::vector<std::string> Ids(const std::vector<RuleIndex>& rules) const {
    std::vector<std::string> ids;
    for (const RuleIndex rule : rules) ids.push_back(detections()[rule].metadata.id);
    std::sort(ids.begin(), ids.end());
    return ids;
  }

 private:
  UnpackedRules unpacked_;
  std::vector<sigma::Diagnostic> diagnostics_;
  sigma::LinkedRules linked_;
  std::unique_ptr<CompiledEngine> compiled_;
  std::unique_ptr<CompiledEngine> routed_;
  std::unique_ptr<CompiledEngine> mapped_;
  std::unique_ptr<NaiveEngine> naive_;
  std::map<std::string, RuleIndex> by_id_;
};

class Corpus : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (HasCorpus()) rules_ = std::make_unique<CorpusRules>();
  }
  static void TearDownTestSuite() { rules_.reset(); }
  void SetUp() override {
    if (!HasCorpus()) GTEST_SKIP() << "no corpus at " << CorpusFolder();
  }

  static const CorpusRules& rules() { return *rules_; }

  static bool Fires(RuleIndex rule, const event::Event& event) {
    const auto matches = rules().compiled().Match(event);
    return std::binary_search(matches.begin(), matches.end(), rule);
  }

 private:
  static std::unique_ptr<CorpusRules> rules_;
};
std::unique_ptr<CorpusRules> Corpus::rules_;

TEST_F(Corpus, EveryRuleIsUsedExceptThoseWithPlaceholders) {
  for (const auto& diagnostic : rules().diagnostics()) {
    if (diagnostic.kind == sigma::DiagnosticKind::kWarning) continue;
    EXPECT_EQ(diagnostic.code, "placeholder-unresolved") << diagnostic.ToString();
  }
  EXPECT_EQ(rules().detections().size(), 3754U);
}

TEST_F(Corpus, EveryRuleIsUsedAndRoutedByTheShippedMapsExceptThoseWithPlaceholders) {
  const UnpackedRules unpacked;
  pipeline::RulePackageOptions options;
  options.logsource_maps = {std::filesystem::path(AUDITFLOW_SOURCE_DIR) / "sdk" / "rules" /
                            "logsources"};
  const auto package = pipeline::LoadRulePackage(unpacked.AllRuleFolders(), options);
  std::set<std::string> with_placeholders;  // files, of one rule each
  for (const sigma::Diagnostic& diagnostic : package->diagnostics) {
    if (diagnostic.code == "placeholder-unresolved") {
      with_placeholders.insert(*diagnostic.location.file);
    } else if (diagnostic.kind != sigma::DiagnosticKind::kWarning ||
               diagnostic.code == "logsource-unmapped") {
      ADD_FAILURE() << diagnostic.ToString();
    }
  }
  EXPECT_EQ(package->routed_detections, package->rules->rules.detections.size());
  EXPECT_EQ(package->rule_count() + with_placeholders.size(), package->documents);
  EXPECT_EQ(package->documents, 3780U);
}

/// Compares what `engine` finds in the gold events with the member `expectation` of what is
/// expected, where that is not null.
/// @return how many events were compared
std::size_t CompareGold(const CorpusRules& rules, Engine& engine, std::string_view expectation) {
  const auto events = ReadLines(CorpusFolder() / "gold_events.jsonl");
  const auto expectations = ReadLines(CorpusFolder() / "gold_expected.jsonl");
  EXPECT_EQ(events.size(), 1042U);
  EXPECT_EQ(expectations.size(), events.size());
  std::size_t compared = 0;
  std::size_t matches = 0;
  for (std::size_t i = 0; i < std::min(events.size(), expectations.size()); ++i) {
    const event::Event expected_json = Parse(expectations[i]);
    const auto ids = expected_json.root().Find(expectation);
    if (!ids || ids->is_null()) continue;
    std::vector<std::string> expected;
    ids->ForEachElement([&](event::Value id) { expected.emplace_back(id.string_value()); });
    std::sort(expected.begin(), expected.end());
    matches += expected.size();
    ++compared;
    EXPECT_EQ(rules.Ids(engine.Match(Parse(events[i]))), expected) << "event " << i;
  }
  EXPECT_GT(matches, 50U) << "expectations that expect nothing show nothing";
  return compared;
}

TEST_F(Corpus, EveryGoldEventMatchesExactlyTheExpectedRules) {
  EXPECT_EQ(CompareGold(rules(), rules().compiled(), "unrouted"), 1042U);
}

TEST_F(Corpus, EveryGoldEventMatchesExactlyTheExpectedRulesOfItsLogsource) {
  EXPECT_GT(CompareGold(rules(), rules().routed(), "routed"), 1000U);
}

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

std::int64_t ExpectedMatches(const std::string& id, const event::Event& test,
                             std::int64_t if_not_stated) {
  const auto understated = UnderstatedMatches().find(id);
  if (understated != UnderstatedMatches().end()) return understated->second;
  const auto expected = test.root().Find("expected_matches");
  return !expected || expected->is_null() ? if_not_stated : expected->int64_value();
}

TEST_F(Corpus, EveryRegressionTestFiresItsRuleOnFlattenedEvents) {
  const auto tests = ReadLines(CorpusFolder() / "sigmahq_regression.jsonl");
  ASSERT_EQ(tests.size(), 159U);
  for (const std::string& line : tests) {
    const event::Event test = Parse(line);
    const std::string id = event::TextAt(test, "rule_id").value_or("");
    const auto rule = rules().Find(id);
    ASSERT_TRUE(rule.has_value()) << id;
    std::int64_t fired = 0;
    event::ForEachAt(test, "events", [&](event::Value value) {
      std::string json;
      event::AppendJson(value, test, json);
      fired += Fires(*rule, Parse(json)) ? 1 : 0;
    });
    EXPECT_GT(fired, 0) << id;
    EXPECT_EQ(fired, ExpectedMatches(id, test, fired)) << id;
  }
}

/// How many of a regression test's events below `member` match its rule with the shipped maps.
std::int64_t CountFired(const CorpusRules& rules, RuleIndex rule, const event::Event& test,
                        std::string_view member) {
  std::int64_t fired = 0;
  event::ForEachAt(test, member, [&](event::Value value) {
    std::string json;
    event::AppendJson(value, test, json);
    const auto matches = rules.mapped().Match(Parse(json));
    fired += std::binary_search(matches.begin(), matches.end(), rule) ? 1 : 0;
  });
  return fired;
}

TEST_F(Corpus, EveryRegressionTestFiresItsRuleByTheShippedMapsHoweverItsEventsAreNested) {
  for (const std::string& line : ReadLines(CorpusFolder() / "sigmahq_regression.jsonl")) {
    const event::Event test = Parse(line);
    const std::string id = event::TextAt(test, "rule_id").value_or("");
    const auto rule = rules().Find(id);
    ASSERT_TRUE(rule.has_value()) << id;
    for (const char* member : {"events", "raw"}) {
      const std::int64_t fired = CountFired(rules(), *rule, test, member);
      EXPECT_GT(fired, 0) << id << ", " << member;
      EXPECT_EQ(fired, ExpectedMatches(id, test, fired)) << id << ", " << member;
    }
  }
}

/// Sets of rules that both engines find in the first events of a lane.
void CompareEngines(const CorpusRules& rules, const std::string& lane, std::size_t count) {
  const auto lines = UnpackedRules::FirstLines(lane, count);
  ASSERT_EQ(lines.size(), count) << lane;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const event::Event event = Parse(lines[i]);
    ASSERT_EQ(rules.Ids(rules.compiled().Match(event)), rules.Ids(rules.naive().Match(event)))
        << lane << ", event " << i << ": " << lines[i];
  }
}

/// AUDITFLOW_CORPUS_EVENTS: how many events of each lane are taken, for longer comparisons by hand.
std::size_t EventsPerLane() {
  const char* given = std::getenv("AUDITFLOW_CORPUS_EVENTS");
  return given != nullptr ? std::strtoul(given, nullptr, 10) : 200;
}

TEST_F(Corpus, BothEnginesAgreeOnTheFirstEventsOfEveryLane) {
  for (const char* lane :
       {"lane_otrf.jsonl.xz", "lane_raw_windows.jsonl.xz", "lane_structured_windows.jsonl.xz",
        "lane_no_match.jsonl.xz", "lane_match_heavy.jsonl.xz"}) {
    CompareEngines(rules(), lane, EventsPerLane());
  }
}

}  // namespace
}  // namespace auditflow::conformance
