#include "auditflow/pipeline/rule_reloader.hpp"

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/pipeline/pipeline_fixture.hpp"

namespace auditflow::pipeline {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

std::string Rule(const std::string& title) {
  return "title: " + title +
         "\nlogsource: {product: test}\ndetection: {selection: {action: " + title +
         "}, condition: selection}\n";
}

constexpr const char* kBroken = "title: Broken\nlogsource: {product: test}\ndetection: {\n";

class RuleReloaderTest : public PipelineTest {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "auditflow-reload-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    root_ = pattern;
    rules_ = root_ / "rules";
    fs::create_directory(rules_);
    Write("a.yml", Rule("a"));
  }
  void TearDown() override { fs::remove_all(root_); }

  void Write(const fs::path& name, const std::string& text) const {
    std::ofstream(rules_ / name, std::ios::binary | std::ios::trunc) << text;
  }

  void Start() {
    RuleReloaderOptions options;
    options.paths = {rules_};
    options.interval = interval_;
    reloader_ = std::make_unique<RuleReloader>(
        options, LoadWatchedRules(options),
        [this](std::shared_ptr<const RulePackage> rules) { Take(std::move(rules)); }, Metrics(),
        health_, clock_);
  }

  void Take(std::shared_ptr<const RulePackage> rules) {
    taken_.push_back(std::move(rules));
    ++takes_;
  }

  /// A change is taken up by the second look that sees it.
  Status PollTwice() {
    const Status first = reloader_->Poll();
    EXPECT_TRUE(first.ok()) << first.ToString();
    return reloader_->Poll();
  }

  [[nodiscard]] std::vector<std::string> Titles() const {
    std::vector<std::string> titles;
    if (taken_.empty()) return titles;
    for (const auto& rule : taken_.back()->rules->rules.detections) {
      titles.push_back(rule.metadata.title);
    }
    return titles;
  }

  observe::AnalysisMetrics& Metrics() { return pipeline_metrics_.analysis(); }
  [[nodiscard]] std::string Reason() const {
    for (const auto& component : health_.Snapshot()) {
      if (component.name == "rules") return component.reason;
    }
    return "no such component";
  }

  void ExpectRefused(const Status& status, const std::string& reason) {
    EXPECT_FALSE(status.ok());
    EXPECT_THAT(status.message(), HasSubstr(reason));
    EXPECT_THAT(taken_, IsEmpty());
    EXPECT_FALSE(health_.IsUp("rules"));
    EXPECT_THAT(Reason(), HasSubstr(reason));
    EXPECT_EQ(Metrics().reload_failure.Value(), 1);
    EXPECT_EQ(Metrics().reload_success.Value(), 0);
  }

  fs::path root_;
  fs::path rules_;
  Duration interval_ = std::chrono::seconds(2);
  ManualClock clock_;
  std::vector<std::shared_ptr<const RulePackage>> taken_;
  std::atomic<int> takes_ = 0;
  std::unique_ptr<RuleReloader> reloader_;
};

TEST_F(RuleReloaderTest, NothingHappensAsLongAsTheFilesHoldTheSame) {
  Start();
  fs::last_write_time(rules_ / "a.yml", fs::file_time_type::clock::now() + std::chrono::hours(1));
  Write("a.yml", Rule("a"));
  Write("notes.txt", "no rule");
  Write("a.test.yml", "tests of a rule");
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(PollTwice().ok());
  EXPECT_THAT(taken_, IsEmpty());
  EXPECT_TRUE(health_.IsUp("rules"));
  EXPECT_EQ(Reason(), "1 rules");
}

TEST_F(RuleReloaderTest, TakesUpChangedAddedAndRemovedFiles) {
  Start();
  Write("a.yml", Rule("changed"));
  EXPECT_TRUE(PollTwice().ok());
  EXPECT_THAT(Titles(), testing::ElementsAre("changed"));
  fs::create_directory(rules_ / "below");
  Write("below/b.yaml", Rule("added"));
  EXPECT_TRUE(PollTwice().ok());
  EXPECT_THAT(Titles(), testing::UnorderedElementsAre("changed", "added"));
  fs::remove(rules_ / "a.yml");
  EXPECT_TRUE(PollTwice().ok());
  EXPECT_THAT(Titles(), testing::ElementsAre("added"));
  EXPECT_TRUE(PollTwice().ok());
  EXPECT_THAT(taken_, SizeIs(3));
  EXPECT_EQ(Metrics().reload_success.Value(), 3);
  EXPECT_EQ(Metrics().reload_failure.Value(), 0);
}

TEST_F(RuleReloaderTest, WaitsUntilTheFilesKeepStill) {
  Start();
  for (int i = 0; i < 5; ++i) {
    Write(std::to_string(i) + ".yml", Rule("rule" + std::to_string(i)));
    EXPECT_TRUE(reloader_->Poll().ok());
  }
  EXPECT_THAT(taken_, IsEmpty());
  EXPECT_TRUE(reloader_->Poll().ok());
  ASSERT_THAT(taken_, SizeIs(1));
  EXPECT_THAT(Titles(), SizeIs(6));
}

TEST_F(RuleReloaderTest, ChangeBetweenTheFirstLoadAndTheFirstLookIsSeen) {
  RuleReloaderOptions options;
  options.paths = {rules_};
  WatchedRules first = LoadWatchedRules(options);
  Write("a.yml", Rule("changed"));
  reloader_ = std::make_unique<RuleReloader>(
      options, std::move(first),
      [this](std::shared_ptr<const RulePackage> rules) { Take(std::move(rules)); }, Metrics(),
      health_, clock_);
  EXPECT_TRUE(PollTwice().ok());
  EXPECT_THAT(taken_, SizeIs(1));
}

TEST_F(RuleReloaderTest, BrokenFileLeavesTheOldSetInUseUntilItIsMended) {
  Start();
  Write("b.yml", kBroken);
  ExpectRefused(PollTwice(), "b.yml:");
  EXPECT_TRUE(PollTwice().ok()) << "said once";
  EXPECT_EQ(Metrics().reload_failure.Value(), 1);
  Write("b.yml", Rule("b"));
  EXPECT_TRUE(PollTwice().ok());
  EXPECT_THAT(Titles(), SizeIs(2));
  EXPECT_TRUE(health_.IsUp("rules"));
}

TEST_F(RuleReloaderTest, IsUpAgainWhenABadChangeIsTakenBack) {
  Start();
  Write("b.yml", kBroken);
  ExpectRefused(PollTwice(), "b.yml:");
  fs::remove(rules_ / "b.yml");
  EXPECT_TRUE(PollTwice().ok());
  EXPECT_TRUE(health_.IsUp("rules"));
  EXPECT_THAT(taken_, IsEmpty());
}

TEST_F(RuleReloaderTest, ErrorsThatWereThereAtTheStartAreNoObstacle) {
  Write("b.yml", kBroken);
  Start();
  Write("a.yml", Rule("changed"));
  Write("b.yml", "# a comment above\n" + std::string(kBroken));
  EXPECT_TRUE(PollTwice().ok());
  EXPECT_THAT(Titles(), testing::ElementsAre("changed"));
  EXPECT_THAT(Reason(), HasSubstr("errors in the files: 1"));
  Write("c.yml", kBroken);
  const Status second = PollTwice();
  EXPECT_THAT(second.message(), HasSubstr("c.yml:"));
  EXPECT_THAT(taken_, SizeIs(1));
}

TEST_F(RuleReloaderTest, EmptyOrVanishedFolderLeavesTheOldSetInUse) {
  Start();
  fs::remove(rules_ / "a.yml");
  ExpectRefused(PollTwice(), "no usable rule");
  fs::remove(rules_);
  EXPECT_THAT(PollTwice().message(), HasSubstr("unreadable"));
  EXPECT_THAT(taken_, IsEmpty());
}

TEST_F(RuleReloaderTest, RefusesACorrelationThatCannotBePlanned) {
  Start();
  Write("b.yml",
        "title: Many\ncorrelation:\n  type: event_count\n  rules: [nobody]\n"
        "  timespan: 1m\n  condition: {gte: 2}\n");
  ExpectRefused(PollTwice(), "b.yml:");
}

/// What a kubelet does: files are links through `..data`, which is turned in one step.
TEST_F(RuleReloaderTest, SeesAConfigMapsSymbolicLinkTurned) {
  fs::remove(rules_ / "a.yml");
  fs::create_directory(rules_ / "..1");
  Write("..1/a.yml", Rule("one"));
  fs::create_directory_symlink("..1", rules_ / "..data");
  fs::create_symlink("..data/a.yml", rules_ / "a.yml");
  Start();
  fs::create_directory(rules_ / "..2");
  Write("..2/a.yml", Rule("two"));
  EXPECT_TRUE(PollTwice().ok());
  EXPECT_THAT(taken_, IsEmpty());
  fs::create_directory_symlink("..2", rules_ / "..data_tmp");
  fs::rename(rules_ / "..data_tmp", rules_ / "..data");
  fs::remove_all(rules_ / "..1");
  EXPECT_TRUE(PollTwice().ok());
  ASSERT_THAT(taken_, SizeIs(1));
  EXPECT_THAT(Titles(), testing::ElementsAre("two"));
}

TEST_F(RuleReloaderTest, ReloadsByCallWhetherAnythingHasChangedOrNot) {
  Start();
  EXPECT_TRUE(reloader_->Reload().ok());
  Write("a.yml", Rule("changed"));
  EXPECT_TRUE(reloader_->Reload().ok());
  EXPECT_THAT(Titles(), testing::ElementsAre("changed"));
  EXPECT_TRUE(PollTwice().ok());
  EXPECT_THAT(taken_, SizeIs(2)) << "not once more by a look";
  Write("a.yml", kBroken);
  EXPECT_THAT(reloader_->Reload().message(), HasSubstr("a.yml:"));
  EXPECT_EQ(Metrics().reload_success.Value(), 2);
  EXPECT_EQ(Metrics().reload_failure.Value(), 1);
}

TEST_F(RuleReloaderTest, LooksAtTheFilesInTheInterval) {
  Start();
  std::jthread thread([this](const std::stop_token& stop) { reloader_->Run(stop); });
  clock_.WaitForSleepers(1);
  Write("a.yml", Rule("changed"));
  while (takes_ == 0) {
    clock_.Advance(interval_);
    std::this_thread::yield();
  }
  thread.request_stop();
  thread.join();
  EXPECT_THAT(Titles(), testing::ElementsAre("changed"));
}

TEST_F(RuleReloaderTest, RequestWakesAReloaderThatDoesNotLookByItself) {
  interval_ = Duration::zero();
  Start();
  Write("a.yml", Rule("changed"));
  std::jthread thread([this](const std::stop_token& stop) { reloader_->Run(stop); });
  clock_.WaitForSleepers(1);
  EXPECT_EQ(takes_, 0);
  reloader_->RequestReload();
  while (takes_ == 0) std::this_thread::yield();
  thread.request_stop();
  thread.join();
  EXPECT_THAT(Titles(), testing::ElementsAre("changed"));
}

}  // namespace
}  // namespace auditflow::pipeline
